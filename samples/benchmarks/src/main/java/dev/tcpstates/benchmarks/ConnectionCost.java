// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cost of a connection at the highest churn that the machine makes. CPU time is that of the JVM,
 * with the kernel's work in its threads, and of bcc's process; wall time is that of the load
 * divided by its connections, while all processors are busy.
 */
final class ConnectionCost implements Section {
  /** A way to use sockets, and how many pairs of clients and servers keep the machine busy. */
  private record Kind(String name, String title, int pairs) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("blocking", "blocking sockets", 4),
          new Kind("selector", "NIO selector", 2),
          new Kind("virtual", "virtual threads", 16));

  /** Threads that are not the application's, by what their names begin with. */
  private static final Map<String, String> THREADS =
      new TreeMap<>(
          Map.of(
              "C1 ", "the quick compiler",
              "C2 ", "the optimizing compiler",
              "JFR ", "Flight Recorder's threads",
              "tcpstates", "the agent's threads"));

  static List<String> kinds() {
    return KINDS.stream().map(Kind::name).toList();
  }

  @Override
  public void run(Bench bench) throws Exception {
    for (Kind kind : KINDS) {
      if (kind.name.equals("virtual") && !bench.jdk().hasVirtualThreads()) {
        bench.results().note("no virtual threads in JDK " + bench.jdk().feature());
        continue;
      }
      int rounds = kind == KINDS.get(0) ? bench.scale().of(1, 2, 5) : bench.scale().of(1, 1, 3);
      for (int round = 0; round < rounds; round++) {
        for (Variant variant : Bench.shuffled(variants(bench, kind))) {
          measure(bench, kind, variant, round == 0);
        }
        System.err.print(".");
      }
    }
  }

  private static List<Variant> variants(Bench bench, Kind kind) {
    List<Variant> variants = new ArrayList<>(bench.scale().variants());
    if (kind == KINDS.get(0)) {
      variants.add(Variant.COUNTING);
    }
    return variants;
  }

  private static void measure(Bench bench, Kind kind, Variant variant, boolean check)
      throws Exception {
    Results results = bench.results();
    String id = "connections." + kind.name + ".";
    String title = "Cost per connection, " + kind.title + ": ";
    try (Bcc bcc = variant == Variant.BCC ? Bcc.start(bench) : null;
        LoadJvm jvm =
            new LoadJvm.Builder(bench, variant)
                .jvm(LoadJvm.HEAP)
                .start(Load.class, "kind=" + kind.name, "pairs=" + kind.pairs)) {
      int warmUp = bench.scale().longWarmUp();
      jvm.run(warmUp);
      double toolBefore = bcc == null ? 0 : Processes.cpuNanos(bcc.pid());
      Map<String, Double> before = threads(jvm);
      LoadJvm.Ran ran = jvm.run(bench.scale().connections());
      Map<String, Double> after = threads(jvm);
      double tool = bcc == null ? 0 : Processes.cpuNanos(bcc.pid()) - toolBefore;
      double cpu = ran.cpuMicros() + tool / ran.connections() / 1_000;
      results.add(id + "cpu", title + "CPU time, µs", Variant.NONE, variant, cpu);
      results.add(id + "wall", title + "wall time, µs", Variant.NONE, variant, ran.wallMicros());
      for (Map.Entry<String, String> threads : THREADS.entrySet()) {
        String name = threads.getKey();
        double used = (after.get(name) - before.get(name)) / ran.connections() / 1_000;
        String what = title + "CPU time of " + threads.getValue() + ", µs";
        results.add(id + name.strip(), what, null, variant, used);
      }
      jvm.end();
      if (variant == Variant.ON && check) {
        RecordingCounts.of(jvm.recording())
            .check(results, kind.title, warmUp + ran.connections(), kind.pairs);
      }
      if (bcc != null) {
        bcc.stop();
        double lost = 100.0 * bcc.lost() / Math.max(1, bcc.lost() + bcc.rows());
        results.add(id + "bccLost", title + "lost by bcc, %", null, variant, lost);
      }
    }
  }

  private static Map<String, Double> threads(LoadJvm jvm) throws IOException {
    Map<String, Double> nanos = new TreeMap<>();
    for (String name : THREADS.keySet()) {
      nanos.put(name, jvm.threadNanos(name));
    }
    return nanos;
  }
}
