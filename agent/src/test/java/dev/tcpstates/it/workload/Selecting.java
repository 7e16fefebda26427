// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * One thread and one selector for both ends of non-blocking connections. Each client sends a byte
 * and closes when it has come back; every third one finds nobody listening.
 */
final class Selecting {
  private static final int AT_ONCE = 20;
  private static final int BACKLOG = 100;

  private final Selector selector;
  private final InetSocketAddress server;
  private final InetSocketAddress nobody;
  private final ByteBuffer buffer = ByteBuffer.allocate(16);
  private int open;

  private Selecting(Selector selector, InetSocketAddress server, InetSocketAddress nobody) {
    this.selector = selector;
    this.server = server;
    this.nobody = nobody;
  }

  /** Binds the listener of {@link #run}. */
  static ServerSocketChannel listen(InetAddress address) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    Ports.bind(address, local -> listener.bind(local, BACKLOG));
    listener.configureBlocking(false);
    return listener;
  }

  /** Makes so many connections, and returns when all of them are closed at both ends. */
  static void run(ServerSocketChannel listener, InetSocketAddress nobody, int connections)
      throws IOException {
    try (Selector selector = Selector.open()) {
      SelectionKey accepting = listener.register(selector, SelectionKey.OP_ACCEPT);
      InetSocketAddress server = (InetSocketAddress) listener.getLocalAddress();
      Selecting load = new Selecting(selector, server, nobody);
      int started = 0;
      while (started < connections || load.open > 0) {
        while (started < connections && load.open < AT_ONCE) {
          load.connect(started % 3 == 2);
          started++;
        }
        selector.select(load::ready);
      }
      accepting.cancel();
      selector.selectNow();
    }
  }

  private void connect(boolean refused) throws IOException {
    SocketChannel client = SocketChannel.open();
    client.configureBlocking(false);
    open += refused ? 1 : 2; // the other end will be open, too
    SelectionKey key = client.register(selector, SelectionKey.OP_CONNECT);
    try {
      if (client.connect(refused ? nobody : server)) {
        connected(key);
      }
    } catch (IOException e) {
      close(key); // refused on the spot
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        SocketChannel accepted = ((ServerSocketChannel) key.channel()).accept();
        if (accepted != null) {
          accepted.configureBlocking(false);
          accepted.register(selector, SelectionKey.OP_READ, "server");
        }
      } else if (key.isConnectable()) {
        ((SocketChannel) key.channel()).finishConnect();
        connected(key);
      } else if (key.isReadable()) {
        read(key);
      }
    } catch (IOException e) {
      close(key);
    }
  }

  private void connected(SelectionKey key) throws IOException {
    key.interestOps(SelectionKey.OP_READ);
    ((SocketChannel) key.channel()).write(ByteBuffer.allocate(1));
  }

  private void read(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    boolean echo = key.attachment() != null;
    if (channel.read(buffer.clear()) < 0 || !echo) {
      close(key);
    } else {
      channel.write(buffer.flip());
    }
  }

  private void close(SelectionKey key) {
    try {
      key.channel().close();
      open--;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
