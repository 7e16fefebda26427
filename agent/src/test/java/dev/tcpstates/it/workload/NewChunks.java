// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.FlightRecorder;

/**
 * A steady load of connections, while JFR is made to begin one new chunk after the other. The
 * sockets are opened at ten different depths of the stack, that is at ten sites of each thread.
 *
 * <p>Arguments: how many threads, how many chunks. In the end it prints how many connections there
 * were.
 */
public final class NewChunks {
  /** What the line with the number of connections starts with. */
  public static final String LINE = "connections ";

  private static final int DEPTHS = 10;

  private static final AtomicInteger CONNECTIONS = new AtomicInteger();
  private static volatile boolean stop;

  private NewChunks() {}

  public static void main(String[] args) throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      threads.add(Threads.start("load-" + i, NewChunks::load));
    }
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      int before = CONNECTIONS.get();
      FlightRecorder.getFlightRecorder().takeSnapshot().close();
      while (CONNECTIONS.get() < before + 2 * DEPTHS) {
        Thread.sleep(1);
      }
    }
    stop = true;
    for (Thread thread : threads) {
      Threads.join(thread);
    }
    System.out.println(LINE + CONNECTIONS);
  }

  private static void load() throws Exception {
    int port;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
      while (!stop) {
        connect(server, CONNECTIONS.incrementAndGet() % DEPTHS);
        Thread.sleep(1);
      }
    }
    Kernel.awaitClosed(port);
  }

  private static void connect(ServerSocket server, int depth) throws IOException {
    if (depth > 0) {
      connect(server, depth - 1);
    } else {
      Storm.connect(server);
    }
  }
}
