// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Future;

/** {@code java.nio.channels}. */
final class JdkChannels {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private JdkChannels() {}

  static void blocking() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(ANY_PORT);
        SocketChannel opened = SocketChannel.open(listener.getLocalAddress());
        SocketChannel first = listener.accept();
        SocketChannel connected = SocketChannel.open()) {
      connected.connect(listener.getLocalAddress());
      try (SocketChannel second = listener.accept()) {
        exchange(opened, first);
        exchange(connected, second);
      }
    }
  }

  private static void exchange(SocketChannel client, SocketChannel server) throws IOException {
    client.write(ByteBuffer.wrap(new byte[] {1}));
    server.read(ByteBuffer.allocate(1));
  }

  static void selector() throws IOException {
    try (Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open().bind(ANY_PORT);
        SocketChannel client = SocketChannel.open()) {
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_CONNECT);
      client.connect(listener.getLocalAddress());
      SocketChannel accepted = null;
      while (accepted == null || !client.isConnected()) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            accepted = listener.accept();
          } else if (client.finishConnect()) {
            key.interestOps(0);
          }
        }
        selector.selectedKeys().clear();
      }
      accepted.close();
    }
  }

  static void adaptor() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.socket().bind(ANY_PORT);
      client.socket().connect(listener.getLocalAddress(), 10_000);
      try (Socket accepted = listener.socket().accept()) {
        client.socket().getOutputStream().write('x');
        accepted.getInputStream().read();
      }
    }
  }

  static void asynchronous() throws Exception {
    try (AsynchronousServerSocketChannel listener =
            AsynchronousServerSocketChannel.open().bind(ANY_PORT);
        AsynchronousSocketChannel early = AsynchronousSocketChannel.open();
        AsynchronousSocketChannel late = AsynchronousSocketChannel.open()) {
      // A connection that waits is accepted by the caller, one that comes later by the group.
      early.connect(listener.getLocalAddress()).get();
      Future<AsynchronousSocketChannel> first = listener.accept();
      first.get().close();
      Future<AsynchronousSocketChannel> second = listener.accept();
      late.connect(listener.getLocalAddress()).get();
      second.get().close();
    }
  }
}
