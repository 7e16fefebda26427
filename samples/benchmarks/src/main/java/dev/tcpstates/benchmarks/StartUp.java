// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Empty;
import dev.tcpstates.benchmarks.load.OneSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Wall and CPU time of a JVM from its start to its end. */
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
  public void run(Bench bench) throws Exception {
    List<Jdk> one = List.of(bench.jdk());
    int slowRounds = bench.scale().of(1, 1, 4); // OpenTelemetry takes seconds
    for (int round = 0; round < bench.scale().of(2, 3, 10); round++) {
      for (Jdk jdk : bench.scale().of(one, one, Jdk.all())) {
        for (Program program : PROGRAMS) {
          for (Variant variant : Bench.shuffled(VARIANTS)) {
            if (variant != Variant.OPENTELEMETRY || round < slowRounds) {
              measure(bench.with(jdk), program, variant);
            }
          }
        }
      }
      System.err.print(".");
    }
  }

  /** The id of a measure: {@code what} is {@code wall} or {@code cpu}. */
  static String id(Jdk jdk, String program, String what) {
    return "startup.jdk" + jdk.feature() + "." + program + "." + what;
  }

  private static void measure(Bench bench, Program program, Variant variant) throws Exception {
    Path recording = bench.newFile(".jfr");
    List<String> command = new ArrayList<>(List.of(bench.jdk().java()));
    command.addAll(variant.jvmArguments(bench, "", recording, ""));
    // Without the libraries, through which the JVM would search.
    command.addAll(List.of("-cp", bench.file("target/classes").toString(), program.main.getName()));
    Processes.Timed timed = Processes.time(bench, command);
    Files.deleteIfExists(recording);
    if (!timed.out().isEmpty()) {
      throw new IOException("standard output is not empty: " + timed.out());
    }
    // Such a short program may end before the agent has logged that it records.
    if (timed.err().contains("runs without the agent")) {
      throw new IOException("the agent does not record: " + timed.err());
    }
    String title = "Start to end of " + program.title + ", JDK " + bench.jdk().feature() + ": ";
    Variant base = Variant.EMPTY_AGENT;
    String id = id(bench.jdk(), program.name, "wall");
    bench.results().add(id, title + "wall time, ms", base, variant, 1_000 * timed.wall());
    id = id(bench.jdk(), program.name, "cpu");
    bench.results().add(id, title + "CPU time, ms", base, variant, 1_000 * timed.cpu());
  }
}
