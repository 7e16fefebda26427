// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * Many connections as fast as they go, the client closing first. Each thread has a listener of its
 * own.
 *
 * <p>Arguments: how many threads, how many connections in each.
 */
public final class Storm {
  /** Of the sockets of one connection, both sides together. */
  public static final int TRANSITIONS_PER_CONNECTION = 10;

  /** Of a listener. */
  public static final int TRANSITIONS_PER_LISTENER = 2;

  private Storm() {}

  public static void main(String[] args) throws Exception {
    int connections = Integer.parseInt(args[1]);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      threads.add(Threads.start("storm-" + i, () -> storm(connections)));
    }
    for (Thread thread : threads) {
      Threads.join(thread);
    }
  }

  private static void storm(int connections) throws Exception {
    int port;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < connections; i++) {
        connect(server);
      }
      port = server.getLocalPort();
    }
    Kernel.awaitClosed(port);
  }

  /** One connection from its begin to its end. */
  static void connect(ServerSocket server) throws IOException {
    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
    Socket accepted = server.accept();
    client.close();
    accepted.getInputStream().read();
    accepted.close();
  }
}
