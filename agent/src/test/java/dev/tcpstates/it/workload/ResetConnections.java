// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;

/**
 * Connections that the server resets: those with an even number while they are established, the
 * others after it has sent its FIN.
 *
 * <p>Argument: how many.
 */
public final class ResetConnections {
  private ResetConnections() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ServerSocket server = Opened.here(new ServerSocket(0, 50, loopback)).log("listener").socket();
    for (int i = 0; i < count; i++) {
      boolean afterFin = i % 2 != 0;
      Opened<Socket> client = Opened.here(new Socket(loopback, server.getLocalPort()));
      Opened<Socket> accepted = Opened.here(server.accept());
      client.log(afterFin ? "client reset after FIN" : "client reset");
      accepted.log(afterFin ? "server resetting after FIN" : "server resetting");
      reset(accepted.socket(), client.socket(), afterFin);
      Kernel.awaitClosed(server.getLocalPort());
      client.socket().close();
    }
    server.close();
  }

  private static void reset(Socket accepted, Socket client, boolean afterFin) throws Exception {
    if (afterFin) {
      accepted.shutdownOutput();
      if (client.getInputStream().read() != -1) {
        throw new IOException("more than was sent");
      }
      Kernel.awaitFinWait2(accepted.getLocalPort(), accepted.getPort());
    }
    accepted.setSoLinger(true, 0);
    accepted.close();
    if (!afterFin) {
      try {
        client.getInputStream().read();
        throw new IOException("not reset");
      } catch (SocketException e) {
        // as it should be
      }
    }
  }
}
