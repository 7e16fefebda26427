// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the kernel itself says of its sockets: {@code close} returns before the peer's answer. */
final class Kernel {
  private static final long PATIENCE = 30_000_000_000L;

  /** A socket in /proc/net/tcp, with the kernel's number of its state. */
  private record Entry(int localPort, int port, int state) {
    static final int FIN_WAIT2 = 5;
    static final int TIME_WAIT = 6;
    static final int LISTEN = 10;

    static Entry of(String line) {
      String[] columns = line.strip().split("\\s+");
      return new Entry(port(columns[1]), port(columns[2]), Integer.parseInt(columns[3], 16));
    }

    private static int port(String address) {
      return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
  }

  private Kernel() {}

  /** Waits until all connections from and to a port have ended. */
  static void awaitClosed(int port) throws IOException, InterruptedException {
    await(
        port,
        entries ->
            entries.stream()
                .allMatch(e -> List.of(Entry.LISTEN, Entry.TIME_WAIT).contains(e.state)));
  }

  /** Waits until the peer has acknowledged a socket's FIN. */
  static void awaitFinWait2(int localPort, int port) throws IOException, InterruptedException {
    await(localPort, entries -> entries.contains(new Entry(localPort, port, Entry.FIN_WAIT2)));
  }

  private static void await(int port, Predicate<List<Entry>> condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE;
    for (List<Entry> entries = of(port); !condition.test(entries); entries = of(port)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the kernel has other sockets: " + entries);
      }
      Thread.sleep(1);
    }
  }

  /** The entries with this port on one side. */
  private static List<Entry> of(int port) throws IOException {
    // Most lines of a busy machine are of others, and never looked into.
    String hex = String.format(Locale.ROOT, ":%04X ", port);
    return Stream.of("tcp", "tcp6")
        .flatMap(Kernel::lines)
        .filter(line -> line.contains(hex))
        .map(Entry::of)
        .toList();
  }

  private static Stream<String> lines(String table) {
    Path file = Path.of("/proc/self/net", table);
    if (!Files.exists(file)) {
      return Stream.empty(); // tcp6, on a kernel without IPv6
    }
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
