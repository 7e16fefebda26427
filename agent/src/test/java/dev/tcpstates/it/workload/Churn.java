// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingStream;

/**
 * Opens and closes many sockets, a tenth of which are never connected, and prints what then remains
 * of the agent's registry and of the heap. Arguments: the number of sockets, and whether to record
 * their transitions.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
public final class Churn {
  private static final int THREADS = 2;
  private static final int WARM_UP = 10_000;

  /** Eighteen sockets; two more are never connected. */
  private static final int CONNECTIONS_IN_TWENTY = 9;

  private static final AtomicInteger OPENED = new AtomicInteger();
  private static final AtomicInteger UNCONNECTED = new AtomicInteger();

  /** What the agent says of its registry. */
  private static volatile int openSockets = -1;

  private Churn() {}

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    boolean record = Boolean.parseBoolean(arguments[1]);
    try (RecordingStream stream = new RecordingStream()) {
      stream.enable("tcpstates.AgentState").withPeriod(Duration.ofMillis(500));
      for (String event :
          List.of(
              "Connection",
              "ListenQueue",
              "OpenSite",
              "Reset",
              "Retransmit",
              "SocketOpen",
              "SocketState",
              "StateChange",
              "StateCount",
              "StuckSocket",
              "Throughput")) {
        stream.disable("tcpstates." + event);
      }
      // Several chunks: a stream whose chunk is deleted while it reads ends without a word.
      stream.setMaxSize(64 << 20);
      stream.onEvent("tcpstates.AgentState", event -> openSockets = event.getInt("openSockets"));
      stream.startAsync();

      churn(WARM_UP, record, false);
      awaitEmpty();
      long before = Heap.used();

      OPENED.set(0);
      UNCONNECTED.set(0);
      long start = System.nanoTime();
      int most = churn(count, record, true);
      System.out.println("seconds " + (System.nanoTime() - start) / 1_000_000_000);
      System.out.println("opened " + OPENED);
      System.out.println("unconnected " + UNCONNECTED);
      System.out.println("most " + most);

      start = System.nanoTime();
      awaitEmpty();
      System.out.println("emptied " + (System.nanoTime() - start) / 1_000_000);
      System.out.println("open " + openSockets);
      System.out.println("grown " + (Heap.used() - before));
    }
  }

  /** Returns the highest number that the registry has had, as far as the agent has said. */
  private static int churn(int count, boolean record, boolean unconnected) throws Exception {
    try (Recording recording = new Recording()) {
      recording.setMaxSize(4 << 20);
      if (record) {
        recording.start();
      }
      Thread[] threads = new Thread[THREADS];
      for (int i = 0; i < THREADS; i++) {
        InetAddress address = InetAddress.getByName("127.0.0." + (i + 1));
        threads[i] = new Thread(() -> sockets(address, count / THREADS / 20, unconnected));
        threads[i].start();
      }
      int most = 0;
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          thread.join(100);
          most = Math.max(most, openSockets);
        }
      }
      return most;
    }
  }

  /** So many times twenty sockets. */
  private static void sockets(InetAddress address, int times, boolean unconnected) {
    try (ServerSocket server = new ServerSocket(0, 50, address)) {
      for (int i = 0; i < times; i++) {
        for (int c = 0; c < CONNECTIONS_IN_TWENTY; c++) {
          try (Socket client = new Socket(address, server.getLocalPort());
              Socket accepted = server.accept()) {
            client.setSoLinger(true, 0); // no TIME_WAIT, of which there would be too many
          }
          OPENED.addAndGet(2);
        }
        if (unconnected) {
          SocketChannel.open().close();
          try (Socket bound = new Socket()) {
            bound.bind(null);
          }
          OPENED.addAndGet(2);
          UNCONNECTED.addAndGet(2);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For at most a minute. */
  private static void awaitEmpty() throws InterruptedException {
    openSockets = -1;
    for (int i = 0; i < 600 && openSockets != 0; i++) {
      Thread.sleep(100);
    }
  }
}
