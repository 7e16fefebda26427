// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that, from when it opens, answers each connection and closes it. */
final class Stand implements AutoCloseable {
  private final ServerSocket listener;
  private final Thread acceptor = new Thread(this::serve, "acceptor");

  Stand(int backlog) throws IOException {
    listener = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  int port() {
    return listener.getLocalPort();
  }

  void open() {
    acceptor.start();
  }

  private void serve() {
    try {
      while (true) {
        try (Socket served = listener.accept()) { // accepts
          served.getOutputStream().write(1);
        }
      }
    } catch (IOException e) {
      // The listener was closed: that is how it ends.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
