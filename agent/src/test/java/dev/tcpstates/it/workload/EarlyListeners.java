// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Opens sockets while the agent starts, and then records what the agent says. */
public final class EarlyListeners {
  public static final int LISTENERS = 3;

  /** Printed by another thread, for that blocks. */
  private static volatile String outcome;

  private EarlyListeners() {}

  /**
   * Argument: where to write the recording. Prints how many milliseconds the listeners took, one
   * after the other, and what became of a thread that must not block.
   */
  public static void main(String[] arguments) throws Exception {
    Thread nonBlocking = new Thread(EarlyListeners::open, "non-blocking");
    nonBlocking.start();
    long start = System.nanoTime();
    List<ServerSocket> listeners = new ArrayList<>();
    for (int i = 0; i < LISTENERS; i++) {
      listeners.add(new ServerSocket(0));
    }
    System.out.println("listeners " + (System.nanoTime() - start) / 1_000_000);
    nonBlocking.join();
    System.out.println("non-blocking " + outcome);
    while (isStarting()) {
      Thread.sleep(10);
    }
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.start();
      recording.stop();
      recording.dump(Path.of(arguments[0]));
    }
    for (ServerSocket listener : listeners) {
      listener.close();
    }
  }

  private static boolean isStarting() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("tcpstates start"));
  }

  private static void open() {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      outcome = listener.isOpen() + " " + client.isOpen();
    } catch (Throwable t) {
      outcome = t.toString();
    }
  }
}
