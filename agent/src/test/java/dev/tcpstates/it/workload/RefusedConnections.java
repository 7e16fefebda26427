// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;

/**
 * Connections to a port that nobody listens at: it is held by a socket that is only bound.
 *
 * <p>Argument: how many.
 */
public final class RefusedConnections {
  private RefusedConnections() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (Socket bound = new Socket()) {
      bound.bind(new InetSocketAddress(loopback, 0));
      for (int i = 0; i < Integer.parseInt(args[0]); i++) {
        Opened<SocketChannel> client = Opened.here(SocketChannel.open());
        try (SocketChannel channel = client.socket()) {
          channel.bind(new InetSocketAddress(loopback, 0));
          client.log("refused", bound.getLocalPort());
          channel.connect(bound.getLocalSocketAddress());
          throw new IOException("not refused");
        } catch (ConnectException e) {
          // as it should be
        }
      }
    }
  }
}
