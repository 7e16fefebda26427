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
 * Connections to itself with non-blocking channels, all at once, both sides in one thread with one
 * selector. Each client sends its number and gets it back. Of those with an even number the client
 * closes first, of the others the server, and the second closes only when it has seen that.
 *
 * <p>Argument: how many, at most 100.
 */
public final class SelectorConnections {
  private final Selector selector = Selector.open();
  private final ServerSocketChannel server;
  private int open;

  private SelectorConnections(ServerSocketChannel server) throws IOException {
    this.server = server;
  }

  public static void main(String[] args) throws Exception {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Opened<ServerSocketChannel> opened = Opened.here(ServerSocketChannel.open());
    ServerSocketChannel server = opened.socket();
    server.bind(loopback, 200);
    opened.log("listener");
    new SelectorConnections(server).run(Integer.parseInt(args[0]));
    Kernel.awaitClosed(opened.localPort());
    server.close();
  }

  private void run(int count) throws IOException {
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    for (int i = 0; i < count; i++) {
      Opened<SocketChannel> client = Opened.here(SocketChannel.open());
      client.socket().configureBlocking(false);
      SelectionKey key = client.socket().register(selector, 0, new Client(client, i));
      if (client.socket().connect(server.getLocalAddress())) {
        connected(key);
      } else {
        key.interestOps(SelectionKey.OP_CONNECT);
      }
      open += 2;
    }
    while (open > 0) {
      selector.select(this::ready);
    }
    selector.close(); // lets go of the closed channels
  }

  private void ready(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        Opened<SocketChannel> accepted = Opened.here(server.accept());
        accepted.socket().configureBlocking(false);
        accepted.socket().register(selector, SelectionKey.OP_READ, accepted);
      } else if (key.isConnectable()) {
        ((SocketChannel) key.channel()).finishConnect();
        connected(key);
      } else {
        readable(key);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void connected(SelectionKey key) throws IOException {
    Client client = (Client) key.attachment();
    client.opened.log(client.closesFirst() ? "client closing first" : "client closing last");
    client.opened.socket().write(ByteBuffer.wrap(new byte[] {(byte) client.number}));
    key.interestOps(SelectionKey.OP_READ);
  }

  private void readable(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    ByteBuffer buffer = ByteBuffer.allocate(10);
    boolean end = channel.read(buffer) < 0;
    boolean closesFirst = false;
    if (key.attachment() instanceof Client client) {
      closesFirst = client.closesFirst();
    } else if (!end) {
      closesFirst = buffer.get(0) % 2 != 0;
      ((Opened<?>) key.attachment())
          .log(closesFirst ? "server closing first" : "server closing last");
      channel.write(buffer.flip());
    }
    if (end || closesFirst) {
      channel.close();
      open--;
    }
  }

  private record Client(Opened<SocketChannel> opened, int number) {
    boolean closesFirst() {
      return number % 2 == 0;
    }
  }
}
