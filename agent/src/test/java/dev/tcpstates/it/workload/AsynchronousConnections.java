// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;

/**
 * Connections to itself with asynchronous channels, one after the other. Each is made before it is
 * accepted, so that {@code accept} is done with it in its caller's thread. Of those with an even
 * number the client closes first, of the others the server, and the second closes only when it has
 * seen that.
 *
 * <p>Argument: how many.
 */
public final class AsynchronousConnections {
  private AsynchronousConnections() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Opened<AsynchronousServerSocketChannel> listener =
        Opened.here(AsynchronousServerSocketChannel.open());
    AsynchronousServerSocketChannel server = listener.socket().bind(loopback);
    listener.log("listener");
    for (int i = 0; i < count; i++) {
      Opened<AsynchronousSocketChannel> client = Opened.here(AsynchronousSocketChannel.open());
      client.socket().connect(server.getLocalAddress()).get();
      Opened<AsynchronousSocketChannel> accepted = Opened.here(server.accept().get());
      boolean clientFirst = i % 2 == 0;
      client.log(clientFirst ? "client closing first" : "client closing last");
      accepted.log(clientFirst ? "server closing last" : "server closing first");
      send(client, accepted);
      send(accepted, client);
      close(clientFirst ? client : accepted, clientFirst ? accepted : client);
    }
    Kernel.awaitClosed(listener.localPort());
    server.close();
  }

  private static void send(
      Opened<AsynchronousSocketChannel> from, Opened<AsynchronousSocketChannel> to)
      throws Exception {
    from.socket().write(ByteBuffer.wrap(new byte[1])).get();
    to.socket().read(ByteBuffer.allocate(1)).get();
  }

  private static void close(
      Opened<AsynchronousSocketChannel> first, Opened<AsynchronousSocketChannel> last)
      throws Exception {
    first.socket().close();
    if (last.socket().read(ByteBuffer.allocate(1)).get() != -1) {
      throw new IOException("more than was sent");
    }
    last.socket().close();
  }
}
