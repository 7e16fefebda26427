// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The kernel's counters of a network namespace, as {@code nstat} shows them. */
final class NetStat {
  private static final Path FILE = Path.of("/proc/thread-self/net/netstat");

  private NetStat() {}

  /** How often an accept queue of the calling thread's network namespace was full; -1: unknown. */
  static long listenOverflows() {
    try {
      // Not as UTF-8 lines of a file of known size: it has none.
      return counter(
          Files.readString(FILE, StandardCharsets.US_ASCII), "TcpExt:", "ListenOverflows");
    } catch (IOException e) {
      return -1;
    }
  }

  /**
   * A counter of a table whose rows come in twos, the names and then the numbers; -1: not there.
   */
  static long counter(String text, String table, String name) {
    List<String> rows = text.lines().filter(row -> row.startsWith(table + " ")).toList();
    if (rows.size() != 2) {
      return -1;
    }
    int column = Arrays.asList(rows.get(0).split(" ")).indexOf(name);
    String[] numbers = rows.get(1).split(" ");
    if (column < 0 || column >= numbers.length) {
      return -1;
    }
    try {
      return Long.parseLong(numbers[column]);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
