// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The connections of a network namespace, as the kernel lists them. */
final class Connections {
  /** The kernel's numbers of SYN_SENT to FIN_WAIT2, CLOSE_WAIT, LAST_ACK and CLOSING. */
  private static final Set<String> ON_THEIR_WAY = Set.of("02", "03", "04", "05", "08", "09", "0B");

  private static final int STATE = 3;
  private static final int TRIES = 100;
  private static final int PAUSE_MILLIS = 100;

  private Connections() {}

  /**
   * Waits until those that are being closed are closed, but no longer than ten seconds: where the
   * processors have much else to do, the kernel takes its time for the last packets.
   */
  static void awaitClosed(long pid) throws IOException, InterruptedException {
    for (int i = 0; i < TRIES && onTheirWay(pid); i++) {
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private static boolean onTheirWay(long pid) throws IOException {
    for (String table : List.of("tcp", "tcp6")) {
      try (Stream<String> rows = Files.lines(Path.of("/proc/" + pid + "/net/" + table))) {
        if (rows.anyMatch(row -> ON_THEIR_WAY.contains(row.strip().split(" +")[STATE]))) {
          return true;
        }
      }
    }
    return false;
  }
}
