// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/**
 * {@code SocketChannel} with a {@code Selector}: pairs of a client loop, which has several
 * connections open at a time, and a server loop.
 */
final class SelectorConnections extends Connections {
  private static final int AT_A_TIME = 16;

  private interface Handler {
    void handle(SelectionKey key) throws IOException;
  }

  private final List<SocketAddress> servers = new ArrayList<>();

  SelectorConnections(ThreadFactory threads, int pairs) throws IOException {
    super(threads);
    for (int i = 0; i < pairs; i++) {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(address(i), BACKLOG);
      server.configureBlocking(false);
      servers.add(server.getLocalAddress());
      start(() -> serve(server));
    }
  }

  private static void select(Selector selector, Handler handler) throws IOException {
    selector.select();
    for (SelectionKey key : selector.selectedKeys()) {
      handler.handle(key);
    }
    selector.selectedKeys().clear();
  }

  private void serve(ServerSocketChannel server) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16);
    Selector selector = Selector.open();
    server.register(selector, SelectionKey.OP_ACCEPT);
    while (true) {
      select(
          selector,
          key -> {
            if (key.isAcceptable()) {
              accept(server, selector);
            } else {
              answer((SocketChannel) key.channel(), buffer);
            }
          });
    }
  }

  private static void accept(ServerSocketChannel server, Selector selector) throws IOException {
    for (SocketChannel it = server.accept(); it != null; it = server.accept()) {
      it.configureBlocking(false);
      it.register(selector, SelectionKey.OP_READ);
    }
  }

  private void answer(SocketChannel channel, ByteBuffer buffer) throws IOException {
    if (channel.read(buffer.clear()) == -1) {
      channel.close();
      served();
    } else {
      channel.write(buffer.flip());
      require(!buffer.hasRemaining(), "no room for a byte");
    }
  }

  @Override
  List<Task> clients(LongSupplier numbers) {
    return servers.stream().<Task>map(server -> () -> request(server, numbers)).toList();
  }

  private static void request(SocketAddress server, LongSupplier numbers) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16);
    try (Selector selector = Selector.open()) {
      int first = 0;
      while (first < AT_A_TIME && connect(server, selector, numbers, buffer)) {
        first++;
      }
      for (int[] open = {first}; open[0] > 0; ) {
        select(
            selector,
            key -> {
              SocketChannel channel = (SocketChannel) key.channel();
              if (key.isConnectable()) {
                channel.finishConnect();
                ask(channel, selector, buffer);
                return;
              }
              require(channel.read(buffer.clear()) == 1, "not one byte came back");
              channel.close();
              open[0] -= connect(server, selector, numbers, buffer) ? 0 : 1;
            });
      }
    }
  }

  /** Returns whether there was another connection to be made. */
  private static boolean connect(
      SocketAddress server, Selector selector, LongSupplier numbers, ByteBuffer buffer)
      throws IOException {
    if (numbers.getAsLong() < 0) {
      return false;
    }
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    if (channel.connect(server)) {
      ask(channel, selector, buffer);
    } else {
      channel.register(selector, SelectionKey.OP_CONNECT);
    }
    return true;
  }

  private static void ask(SocketChannel channel, Selector selector, ByteBuffer buffer)
      throws IOException {
    channel.register(selector, SelectionKey.OP_READ);
    require(channel.write(buffer.clear().put((byte) 1).flip()) == 1, "no room for a byte");
  }
}
