// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Makes connections one after the other, while several threads begin, dump and end recordings as
 * fast as they can.
 *
 * <p>Arguments: how many connections; a file for the dumps. Prints how many recordings there were.
 */
public final class RecordingsAtOnce {
  private static final int THREADS = 4;

  private RecordingsAtOnce() {}

  public static void main(String[] args) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger recordings = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> ended = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Path dump = i == 0 ? Path.of(args[1]) : null;
      ended.add(
          threads.submit(
              () -> {
                while (!done.get()) {
                  record(dump);
                  recordings.incrementAndGet();
                }
                return null;
              }));
    }
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      ShortRecordings.connect(server, Integer.parseInt(args[0]));
    }
    done.set(true);
    for (Future<?> thread : ended) {
      thread.get();
    }
    threads.shutdown();
    System.out.println("recordings " + recordings);
  }

  private static void record(Path dump) throws Exception {
    try (Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.start();
      if (dump != null) {
        recording.dump(dump);
      } else {
        FlightRecorder.getFlightRecorder().takeSnapshot().close();
      }
      recording.stop();
    }
  }
}
