// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Other programs: running them, and what the kernel tells of them. */
final class Processes {
  private static final long LIMIT_SECONDS = 120;

  private Processes() {}

  /** Keeps from a program what was meant for this one. */
  static void clean(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    builder.environment().put("LC_ALL", "C");
  }

  /** Runs a program to its end and returns its output, both streams. */
  static String run(Bench bench, List<String> command) throws IOException, InterruptedException {
    Path out = bench.newFile(".out");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
      clean(builder);
      Process process = builder.start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new IOException(command + " does not end: " + Files.readString(out));
      }
      String output = Files.readString(out);
      if (process.exitValue() != 0) {
        throw new IOException(command + ": exit code " + process.exitValue() + ": " + output);
      }
      return output;
    } finally {
      Files.deleteIfExists(out);
    }
  }

  /**
   * Nanoseconds on a CPU of those threads of a process that there are now.
   *
   * @param name which threads, by the first 15 characters of their names
   */
  static double cpuNanos(long pid, Predicate<String> name) throws IOException {
    List<Path> threads;
    try (Stream<Path> list = Files.list(Path.of("/proc/" + pid + "/task"))) {
      threads = list.toList();
    }
    double sum = 0;
    for (Path thread : threads) {
      try {
        if (name.test(Files.readString(thread.resolve("comm")).strip())) {
          sum += Double.parseDouble(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
        }
      } catch (IOException e) {
        if (Files.exists(thread)) { // else it has just ended, before it was opened or after
          throw e;
        }
      }
    }
    return sum;
  }

  /** Memory that a process has, in bytes. */
  static long residentBytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
