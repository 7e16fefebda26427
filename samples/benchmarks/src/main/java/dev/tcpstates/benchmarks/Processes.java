// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs other programs, and reads what they use. */
final class Processes {
  private static final long LIMIT_SECONDS = 120;
  private static final LibC LIBC = Native.load("c", LibC.class);

  /** The C library. */
  interface LibC extends Library {
    int clock_getcpuclockid(int pid, int[] clock);

    int clock_gettime(int clock, long[] secondsAndNanos);
  }

  /** What a program took from its start to its end, in seconds, and its output. */
  record Timed(double wall, double cpu, String out, String err) {}

  private Processes() {}

  /** Keeps the settings of this JVM from a program. */
  static void clean(ProcessBuilder builder) {
    builder.environment().keySet().removeIf(name -> name.endsWith("JAVA_OPTIONS"));
    builder.environment().put("LC_ALL", "C");
  }

  /** Runs a program to its end and returns its output, both streams. */
  static String run(Bench bench, List<String> command) throws Exception {
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

  /** Runs a program to its end, under bash's {@code time}, which waits for it as its parent. */
  static Timed time(Bench bench, List<String> program) throws Exception {
    Path out = bench.newFile(".stdout");
    Path err = bench.newFile(".stderr");
    List<String> command = new ArrayList<>(List.of("bash", "-c"));
    command.add("TIMEFORMAT='%3R %3U %3S'; out=$1; shift; time \"$@\" >\"$out\" 2>\"$0\"");
    command.addAll(List.of(err.toString(), out.toString()));
    command.addAll(program);
    try {
      String[] times = run(bench, command).strip().split(" ");
      return new Timed(
          Double.parseDouble(times[0]),
          Double.parseDouble(times[1]) + Double.parseDouble(times[2]),
          Files.readString(out),
          Files.readString(err));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  /**
   * CPU time of a process in ns, with that of its threads that have ended. {@code /proc} and {@code
   * OperatingSystemMXBean} count it in steps of 10 ms.
   */
  static double cpuNanos(long pid) throws IOException {
    int[] clock = new int[1];
    long[] time = new long[2];
    if (LIBC.clock_getcpuclockid((int) pid, clock) != 0
        || LIBC.clock_gettime(clock[0], time) != 0) {
      throw new IOException("process " + pid + " has no CPU clock");
    }
    return time[0] * 1e9 + time[1];
  }

  /**
   * CPU time in ns of the living threads of a process.
   *
   * @param name what their names begin with
   */
  static double cpuNanos(long pid, String name) throws IOException {
    List<Path> threads;
    try (Stream<Path> list = Files.list(Path.of("/proc/" + pid + "/task"))) {
      threads = list.toList();
    }
    double sum = 0;
    for (Path thread : threads) {
      try {
        if (Files.readString(thread.resolve("comm")).startsWith(name)) {
          sum += Double.parseDouble(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
        }
      } catch (IOException e) {
        if (Files.exists(thread)) { // else it has just ended
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
