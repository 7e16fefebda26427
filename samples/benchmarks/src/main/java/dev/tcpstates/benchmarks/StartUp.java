// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Empty;
import dev.tcpstates.benchmarks.load.OneSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long a JVM takes from its start to its end, by the clock and on the processors. */
final class StartUp implements Section {
  private static final List<Variant> VARIANTS =
      List.of(
          Variant.NONE,
          Variant.JFR,
          Variant.EMPTY_AGENT,
          Variant.OFF,
          Variant.ON,
          Variant.OPENTELEMETRY);

  private record Program(String name, String title, Class<?> main) {}

  private static final List<Program> PROGRAMS =
      List.of(
          new Program("empty", "an empty main", Empty.class),
          new Program("socket", "a main that opens a socket", OneSocket.class));

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    List<Jdk> jdks = scale.allJdks() ? Jdk.all() : List.of(bench.jdk());
    for (int round = 0; round < scale.startRounds(); round++) {
      for (Jdk jdk : jdks) {
        for (Program program : PROGRAMS) {
          for (Variant variant : Rounds.shuffled(VARIANTS)) {
            if (variant != Variant.OPENTELEMETRY || round < scale.slowStartRounds()) {
              one(bench.with(jdk), results, program, variant);
            }
          }
        }
      }
      Progress.dot();
    }
  }

  /** The id of a measure: {@code what} is {@code wall} or {@code cpu}. */
  static String id(Jdk jdk, String program, String what) {
    return "startup.jdk" + jdk.feature() + "." + program + "." + what;
  }

  private static void one(Bench bench, Results results, Program program, Variant variant)
      throws IOException, InterruptedException {
    Path recording = bench.newFile(".jfr");
    Path err = bench.newFile(".err");
    // bash's own "time" waits for the JVM as its parent and asks the kernel what it used.
    List<String> command = new ArrayList<>(List.of("bash", "-c"));
    command.add("TIMEFORMAT='%3R %3U %3S'; time \"$@\" 2>\"$0\"");
    command.add(err.toString());
    command.add(bench.jdk().java());
    command.addAll(variant.jvmArguments(bench, recording, ""));
    command.addAll(List.of("-cp", bench.ownClassPath(), program.main.getName()));
    try {
      String[] times = Processes.run(bench, command).strip().split("\\s+");
      if (times.length != 3) {
        throw new IOException("standard output is not empty: " + String.join(" ", times));
      }
      // A program that is over at once may be over before the agent has said that it records.
      if (Files.readString(err).contains("runs without the agent")) {
        throw new IOException("the agent does not record: " + Files.readString(err));
      }
      String title = "Start to end of " + program.title + ", JDK " + bench.jdk().feature() + ": ";
      String base = Variant.EMPTY_AGENT.label();
      results
          .measure(id(bench.jdk(), program.name, "wall"), 5, title + "wall time", "ms", base)
          .variantRows()
          .add(variant.label(), 1_000 * Double.parseDouble(times[0]));
      results
          .measure(id(bench.jdk(), program.name, "cpu"), 5, title + "CPU time", "ms", base)
          .variantRows()
          .add(
              variant.label(),
              1_000 * (Double.parseDouble(times[1]) + Double.parseDouble(times[2])));
    } finally {
      Files.deleteIfExists(recording);
      Files.deleteIfExists(err);
    }
  }
}
