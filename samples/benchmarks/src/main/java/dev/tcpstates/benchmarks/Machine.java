// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the numbers are from.
 *
 * @param othersBusyPercent how busy the processors were with others' work just before the run
 */
record Machine(
    String kernel,
    String processor,
    int processors,
    long memoryMegabytes,
    List<String> jdks,
    String measuredJdk,
    double othersBusyPercent) {
  private static final int LISTEN_MILLIS = 2_000;

  static Machine here(Jdk measured, List<Jdk> all) throws IOException, InterruptedException {
    return new Machine(
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        line("/proc/cpuinfo", "model name").replaceFirst(".*: *", ""),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong(line("/proc/meminfo", "MemTotal:").replaceAll("\\D", "")) / 1024,
        all.stream().map(Jdk::version).toList(),
        measured.version(),
        busy());
  }

  private static String line(String file, String start) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElse("0 unknown");
  }

  /** While this program sleeps; stolen time counts too. */
  private static double busy() throws IOException, InterruptedException {
    long[] before = ticks();
    Thread.sleep(LISTEN_MILLIS);
    long[] after = ticks();
    double all = 0;
    for (int i = 0; i < after.length; i++) {
      after[i] -= before[i];
      all += after[i];
    }
    long idle = after[3] + after[4]; // and waiting for a disk
    return Math.round(1_000 * (1 - idle / all)) / 10.0;
  }

  /** user, nice, system, idle, iowait, irq, softirq, steal */
  private static long[] ticks() throws IOException {
    String[] words = line("/proc/stat", "cpu ").split(" +");
    long[] ticks = new long[8];
    for (int i = 0; i < ticks.length; i++) {
      ticks[i] = Long.parseLong(words[i + 1]);
    }
    return ticks;
  }

  @Override
  public String toString() {
    return String.format(
        "%s, %d × %s, %,d MB; measured: JDK %s; installed: %s; busy with others' work: %.1f %%",
        kernel,
        processors,
        processor,
        memoryMegabytes,
        measuredJdk,
        String.join(", ", jdks),
        othersBusyPercent);
  }
}
