// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;

/**
 * {@code Socket} and {@code ServerSocket}: pairs of a client thread and a server thread with a
 * listener of its own.
 */
final class StreamConnections implements Connections {
  private final ThreadFactory threads;
  private final boolean threadPerConnection;
  private final int sites;
  private final List<ServerSocket> servers = new ArrayList<>();
  private final LongAdder served = new LongAdder();
  private long expected;

  /**
   * @param threads makes the threads, platform or virtual
   * @param threadPerConnection whether the server starts a thread for each connection
   * @param sites how many places in the code open the sockets, in turn
   */
  StreamConnections(ThreadFactory threads, int pairs, boolean threadPerConnection, int sites)
      throws IOException {
    this.threads = threads;
    this.threadPerConnection = threadPerConnection;
    this.sites = sites;
    for (int i = 0; i < pairs; i++) {
      ServerSocket server = new ServerSocket();
      server.bind(Listeners.address(i), Listeners.BACKLOG);
      servers.add(server);
      start(() -> serve(server));
    }
  }

  private Thread start(Failing.Task task) {
    Thread thread = threads.newThread(Failing.endsTheJvm(task));
    thread.start();
    return thread;
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
      Failing.unless(socket.getInputStream().read() == -1, "more than one byte came");
    }
    served.increment();
  }

  private void request(ServerSocket server, int site) throws IOException {
    try (Socket socket =
        Sites.open(site, () -> new Socket(server.getInetAddress(), server.getLocalPort()))) {
      socket.getOutputStream().write(1);
      Failing.unless(socket.getInputStream().read() == 1, "another byte came back");
    }
  }

  @Override
  public void run(Budget budget) throws InterruptedException {
    List<Thread> clients = new ArrayList<>();
    for (ServerSocket server : servers) {
      clients.add(
          start(
              () -> {
                for (long n = budget.take(); n >= 0; n = budget.take()) {
                  request(server, (int) (n % sites));
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    expected += budget.taken();
    while (served.sum() < expected) {
      Thread.sleep(1);
    }
  }
}
