// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server that closes each connection once it has answered, and may begin to accept late. */
final class Stand implements AutoCloseable {
  static final int AT_ONCE = 0;

  private final ServerSocket listener;
  private final Thread acceptor;

  Stand(int backlog, int acceptAfterMillis) throws IOException {
    listener = new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
    acceptor = new Thread(() -> serve(acceptAfterMillis), "acceptor");
    acceptor.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void serve(int acceptAfterMillis) {
    try {
      Thread.sleep(acceptAfterMillis);
      while (true) {
        try (Socket served = listener.accept()) { // accepts
          served.getOutputStream().write(1);
        }
      }
    } catch (IOException | InterruptedException e) {
      // The listener was closed: that is how it ends.
    }
  }

  @Override
  public void close() throws Exception {
    listener.close();
    acceptor.join();
  }
}
