// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A process of its own, without the agent: it connects to itself and to another process in turn,
 * and accepts what connects to it. All close after the other side has.
 *
 * <p>Arguments: the other process's port, how many connections to each, how many will come.
 */
public final class Outsider {
  private Outsider() {}

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    int count = Integer.parseInt(args[1]);
    int coming = Integer.parseInt(args[2]);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 50, loopback)) {
      System.out.println("listening " + server.getLocalPort());
      Thread acceptor = Threads.start("acceptor", () -> accept(server, count + coming));
      for (int i = 0; i < count; i++) {
        connect(new Socket(loopback, server.getLocalPort()));
        Socket outwards = new Socket(loopback, port);
        System.out.println("connected " + outwards.getLocalPort());
        connect(outwards);
      }
      Threads.join(acceptor);
    }
  }

  /** Accepts so many connections and closes each after its peer. */
  static void accept(ServerSocket server, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write(1);
        if (socket.getInputStream().read() != -1) {
          throw new IOException("nothing is sent");
        }
      }
    }
  }

  /** Closes a connection once it has been accepted. */
  static void connect(Socket socket) throws IOException {
    try (socket) {
      if (socket.getInputStream().read() != 1) {
        throw new IOException("not accepted");
      }
    }
  }
}
