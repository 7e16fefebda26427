// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * One way to open connections, send one byte each way, and close them: client and server in this
 * JVM, on loopback, at full speed. The client closes first, so each connection has the same ten
 * transitions.
 */
abstract class Connections {
  /** The work of a thread. */
  interface Task {
    void run() throws Exception;
  }

  static final int BACKLOG = 1024;

  /**
   * Each has 28,000 ports for its clients; together they stay below the kernel's limit of
   * connections in TIME_WAIT, above which it skips that state.
   */
  private static final int ADDRESSES = 4;

  private final ThreadFactory threads;
  private final LongAdder served = new LongAdder();
  private long expected;

  Connections(ThreadFactory threads) {
    this.threads = threads;
  }

  /** An address for a server; the kernel chooses the port. */
  static InetSocketAddress address(int number) throws IOException {
    return new InetSocketAddress(
        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (1 + number % ADDRESSES)}), 0);
  }

  /** Starts a thread. If its task fails, the JVM ends, so that nobody measures a wrong load. */
  Thread start(Task task) {
    Thread thread =
        threads.newThread(
            () -> {
              try {
                task.run();
              } catch (Throwable t) {
                t.printStackTrace();
                Runtime.getRuntime().halt(2);
              }
            });
    thread.start();
    return thread;
  }

  static void require(boolean right, String otherwise) throws IOException {
    if (!right) {
      throw new IOException(otherwise);
    }
  }

  /** The server has closed a connection. */
  void served() {
    served.increment();
  }

  /**
   * The clients' work, a task for each thread.
   *
   * @param numbers the number of the next connection from 0; -1 if no more are to be made
   */
  abstract List<Task> clients(LongSupplier numbers);

  /**
   * Opens and closes connections, and returns their number when both ends of the last one are
   * closed.
   *
   * @param most how many there are at most
   * @param deadline of {@code System.nanoTime()} after which none is opened
   */
  long run(long most, long deadline) throws InterruptedException {
    AtomicLong next = new AtomicLong();
    LongSupplier numbers =
        () -> {
          long number = System.nanoTime() - deadline < 0 ? next.getAndIncrement() : most;
          return number < most ? number : -1;
        };
    List<Thread> running = new ArrayList<>();
    for (Task client : clients(numbers)) {
      running.add(start(client));
    }
    for (Thread client : running) {
      client.join();
    }
    long opened = Math.min(next.get(), most);
    expected += opened;
    while (served.sum() < expected) {
      Thread.sleep(1);
    }
    return opened;
  }
}
