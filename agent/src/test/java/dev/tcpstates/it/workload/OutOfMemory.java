// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/** Has no memory for some seconds while it opens sockets, survives that, and goes on. */
public final class OutOfMemory {
  public static final int LISTENERS = 10;

  private static final long SECONDS = 4;
  private static final int BLOCK = 1 << 16;

  private OutOfMemory() {}

  /** Argument: where to write a recording of what it does after that. */
  public static void main(String[] arguments) throws Exception {
    FlightRecorder.getFlightRecorder();
    while (isThere("tcpstates start")) {
      Thread.sleep(10);
    }
    long end = System.nanoTime() + SECONDS * 1_000_000_000;
    List<Object> kept = new ArrayList<>(1 << 22);
    int errors = 0;
    while (System.nanoTime() < end) {
      errors += fill(kept);
    }
    kept = null;
    System.gc();
    System.out.println("out of memory " + errors);
    System.out.println("reader " + isThere("tcpstates reader"));
    try (Recording recording = new Recording(Configuration.getConfiguration("default"))) {
      recording.start();
      for (int i = 0; i < LISTENERS; i++) {
        new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
      }
      recording.stop();
      recording.dump(Path.of(arguments[0]));
    }
  }

  private static boolean isThere(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(name));
  }

  /** Down to the last bytes. */
  private static int fill(List<Object> kept) {
    for (int size = BLOCK; size > 0; size /= 2) {
      try {
        while (true) {
          kept.add(new byte[size]);
        }
      } catch (OutOfMemoryError e) {
        // now smaller ones
      }
    }
    try {
      new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
    } catch (OutOfMemoryError | java.io.IOException e) {
      return 1;
    }
    return 0;
  }
}
