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
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * {@code SocketChannel} with a {@code Selector}: pairs of a client loop, which has a number of
 * connections going at a time, and a server loop.
 */
final class SelectorConnections implements Connections {
  private static final int AT_A_TIME = 16;

  private final List<SocketAddress> servers = new ArrayList<>();
  private final LongAdder served = new LongAdder();
  private long expected;

  SelectorConnections(int pairs) throws IOException {
    for (int i = 0; i < pairs; i++) {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(Listeners.address(i), Listeners.BACKLOG);
      server.configureBlocking(false);
      servers.add(server.getLocalAddress());
      start("server " + i, () -> serve(server));
    }
  }

  private static Thread start(String name, Failing.Task task) {
    Thread thread = new Thread(Failing.endsTheJvm(task), name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void serve(ServerSocketChannel server) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16);
    Selector selector = Selector.open();
    server.register(selector, SelectionKey.OP_ACCEPT);
    while (true) {
      selector.select();
      for (Iterator<SelectionKey> it = selector.selectedKeys().iterator(); it.hasNext(); ) {
        SelectionKey key = it.next();
        it.remove();
        if (key.isAcceptable()) {
          accept(server, selector);
        } else {
          answer((SocketChannel) key.channel(), buffer);
        }
      }
    }
  }

  private static void accept(ServerSocketChannel server, Selector selector) throws IOException {
    for (SocketChannel it = server.accept(); it != null; it = server.accept()) {
      it.configureBlocking(false);
      it.register(selector, SelectionKey.OP_READ);
    }
  }

  private void answer(SocketChannel channel, ByteBuffer buffer) throws IOException {
    buffer.clear();
    if (channel.read(buffer) == -1) {
      channel.close();
      served.increment();
    } else {
      channel.write(buffer.flip());
      Failing.unless(!buffer.hasRemaining(), "no room for a byte");
    }
  }

  @Override
  public void run(Budget budget) throws InterruptedException {
    List<Thread> clients = new ArrayList<>();
    for (SocketAddress server : servers) {
      clients.add(start("client", () -> request(server, budget)));
    }
    for (Thread client : clients) {
      client.join();
    }
    expected += budget.taken();
    while (served.sum() < expected) {
      Thread.sleep(1);
    }
  }

  private static void request(SocketAddress server, Budget budget) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16);
    try (Selector selector = Selector.open()) {
      int going = 0;
      while (going < AT_A_TIME && budget.take() >= 0) {
        connect(server, selector, buffer);
        going++;
      }
      while (going > 0) {
        selector.select();
        for (Iterator<SelectionKey> it = selector.selectedKeys().iterator(); it.hasNext(); ) {
          SelectionKey key = it.next();
          it.remove();
          SocketChannel channel = (SocketChannel) key.channel();
          if (key.isConnectable()) {
            channel.finishConnect();
            ask(channel, selector, buffer);
            continue;
          }
          buffer.clear();
          Failing.unless(channel.read(buffer) == 1, "not one byte came back");
          channel.close();
          going--;
          if (budget.take() >= 0) {
            connect(server, selector, buffer);
            going++;
          }
        }
      }
    }
  }

  private static void connect(SocketAddress server, Selector selector, ByteBuffer buffer)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    if (channel.connect(server)) {
      ask(channel, selector, buffer);
    } else {
      channel.register(selector, SelectionKey.OP_CONNECT);
    }
  }

  private static void ask(SocketChannel channel, Selector selector, ByteBuffer buffer)
      throws IOException {
    channel.register(selector, SelectionKey.OP_READ);
    buffer.clear().put((byte) 1).flip();
    Failing.unless(channel.write(buffer) == 1, "no room for a byte");
  }
}
