// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.fallback;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A service with three addresses of this machine and one port. At 127.0.0.1 there is no listener.
 * At 127.0.0.2 the listener's accept queue is full, so Linux drops further SYNs, as if no host had
 * this address. 127.0.0.3 works.
 */
final class Service implements AutoCloseable {
  private static final int BACKLOG = 1;

  private final ServerSocket working;
  private final ServerSocket full;
  private final List<Socket> waiting = new ArrayList<>();

  Service() throws IOException {
    working = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.3"));
    full = new ServerSocket(working.getLocalPort(), BACKLOG, InetAddress.getByName("127.0.0.2"));
    for (int i = 0; i < BACKLOG + 1; i++) { // Linux takes one more
      waiting.add(new Socket(full.getInetAddress(), full.getLocalPort()));
    }
  }

  List<InetSocketAddress> addresses() {
    return List.of(
        new InetSocketAddress("127.0.0.1", working.getLocalPort()),
        new InetSocketAddress("127.0.0.2", working.getLocalPort()),
        new InetSocketAddress("127.0.0.3", working.getLocalPort()));
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : waiting) {
      socket.close();
    }
    full.close();
    working.close();
  }
}
