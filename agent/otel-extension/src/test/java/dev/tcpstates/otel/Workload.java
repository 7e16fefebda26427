// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.otel;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Three connections between sockets of one JVM, of which one is closed, and two refused ones. */
final class Workload {
  /**
   * A SYN of each of the five clients, three acknowledgements of a SYN-ACK, a FIN, and its
   * acknowledgement. The kernel counts SYN-ACKs for no connection.
   */
  static final long SEGMENTS = 5 + 3 + 1 + 1;

  private Workload() {}

  public static void main(String[] arguments) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<Socket> sockets = new ArrayList<>();
    ServerSocket server = new ServerSocket(0, 9, loopback);
    for (int i = 0; i < 3; i++) {
      sockets.add(new Socket(loopback, server.getLocalPort()));
      sockets.add(server.accept());
    }
    sockets.get(0).close();
    ServerSocket closed = new ServerSocket(0, 1, loopback);
    int gone = closed.getLocalPort();
    closed.close();
    for (int i = 0; i < 2; i++) {
      try (Socket none = new Socket()) {
        none.connect(new InetSocketAddress(loopback, gone));
      } catch (ConnectException e) {
        // as it should be
      }
    }
    System.out.println("port " + server.getLocalPort());
    System.in.read();
    System.out.println(sockets.size());
  }
}
