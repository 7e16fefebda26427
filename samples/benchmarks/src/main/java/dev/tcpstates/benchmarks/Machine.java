// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The machine under measurement. */
final class Machine {
  private static final int LISTEN_MILLIS = 2_000;

  private Machine() {}

  /** One line: kernel, processors, memory, JDKs, and how busy other processes keep it now. */
  static String describe(Jdk measured, List<Jdk> all) throws IOException, InterruptedException {
    long[] before = ticks();
    Thread.sleep(LISTEN_MILLIS);
    long[] after = ticks();
    Arrays.setAll(after, i -> after[i] - before[i]);
    double idle = after[3] + after[4]; // idle and waiting for a disk
    return String.format(
        Locale.ROOT,
        "Linux %s %s, %d × %s, %,d MB; measured: JDK %s; installed: %s; busy with other work: %.1f"
            + " %%",
        System.getProperty("os.version"),
        System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        line("/proc/cpuinfo", "model name").replaceFirst(".*: *", ""),
        Long.parseLong(line("/proc/meminfo", "MemTotal:").replaceAll("\\D", "")) / 1024,
        measured.version(),
        all.stream().map(Jdk::version).collect(Collectors.joining(", ")),
        100 * (1 - idle / Arrays.stream(after).sum()));
  }

  private static String line(String file, String start) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElse("0 unknown");
  }

  /** user, nice, system, idle, iowait, irq, softirq, steal */
  private static long[] ticks() throws IOException {
    return Arrays.stream(line("/proc/stat", "cpu ").split(" +"))
        .skip(1)
        .limit(8)
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
