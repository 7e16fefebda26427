// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Connections that stay open until this JVM ends. */
final class HeldSockets {
  private static final int BACKLOG = 65_535;

  private final List<AutoCloseable> held = new ArrayList<>();

  /**
   * Listens and accepts nothing: whoever connects makes this JVM a connection that takes no
   * descriptor of it. On all addresses, each of which has 28,000 ports for its clients.
   */
  int listen() throws IOException {
    ServerSocket server = new ServerSocket(0, BACKLOG);
    held.add(server);
    return server.getLocalPort();
  }

  /** Listens, accepts all and keeps them. */
  int accept() throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(Listeners.address(0), BACKLOG);
    List<Socket> accepted = new ArrayList<>();
    Thread thread =
        new Thread(
            Failing.endsTheJvm(
                () -> {
                  while (true) {
                    accepted.add(server.accept());
                  }
                }));
    thread.setDaemon(true);
    thread.start();
    return server.getLocalPort();
  }

  /** Connects so many times. */
  void connect(String host, int port, int count) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    for (int i = 0; i < count; i++) {
      held.add(new Socket(address.getAddress(), port));
    }
  }
}
