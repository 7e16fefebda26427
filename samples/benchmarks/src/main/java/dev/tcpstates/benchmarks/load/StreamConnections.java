// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;

/**
 * {@code Socket} and {@code ServerSocket}: pairs of a client thread and a server thread with a
 * listener of its own.
 */
final class StreamConnections extends Connections {
  private final boolean threadPerConnection;
  private final int sites;
  private final long openMillis;
  private final List<ServerSocket> servers = new ArrayList<>();

  /**
   * @param threads makes the threads, platform or virtual
   * @param threadPerConnection whether the server starts a thread for each connection
   * @param sites how many call sites open the sockets, in turn
   * @param openMillis how long a connection stays open after its bytes
   */
  StreamConnections(
      ThreadFactory threads, int pairs, boolean threadPerConnection, int sites, long openMillis)
      throws IOException {
    super(threads);
    this.threadPerConnection = threadPerConnection;
    this.sites = sites;
    this.openMillis = openMillis;
    for (int i = 0; i < pairs; i++) {
      ServerSocket server = new ServerSocket();
      server.bind(address(i), BACKLOG);
      servers.add(server);
      start(() -> serve(server));
    }
  }

  private void serve(ServerSocket server) throws IOException {
    for (int i = 0; ; i = (i + 1) % sites) {
      Socket socket = Sites.open(i, server::accept);
      if (threadPerConnection) {
        start(() -> answer(socket));
      } else {
        answer(socket);
      }
    }
  }

  private void answer(Socket accepted) throws IOException {
    try (Socket socket = accepted) {
      socket.getOutputStream().write(socket.getInputStream().read());
      require(socket.getInputStream().read() == -1, "more than one byte came");
    }
    served();
  }

  @Override
  List<Task> clients(LongSupplier numbers) {
    List<Task> clients = new ArrayList<>();
    for (ServerSocket server : servers) {
      clients.add(
          () -> {
            for (long n = numbers.getAsLong(); n >= 0; n = numbers.getAsLong()) {
              request(server, (int) (n % sites));
            }
          });
    }
    return clients;
  }

  private void request(ServerSocket server, int site) throws Exception {
    try (Socket socket =
        Sites.open(site, () -> new Socket(server.getInetAddress(), server.getLocalPort()))) {
      socket.getOutputStream().write(1);
      require(socket.getInputStream().read() == 1, "another byte came back");
      if (openMillis > 0) {
        Thread.sleep(openMillis);
      }
    }
  }
}
