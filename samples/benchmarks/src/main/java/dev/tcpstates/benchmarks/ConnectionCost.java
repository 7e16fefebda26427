// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.util.List;

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
        for (Variant variant : Bench.shuffled(bench.scale().variants())) {
          measure(bench, kind, variant, round == 0);
        }
        System.err.print(".");
      }
    }
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
      int warmUp = bench.scale().warmUp();
      jvm.run(warmUp);
      double toolBefore = bcc == null ? 0 : Processes.cpuNanos(bcc.pid());
      LoadJvm.Ran ran = jvm.run(bench.scale().connections());
      double tool = bcc == null ? 0 : Processes.cpuNanos(bcc.pid()) - toolBefore;
      double cpu = ran.cpuMicros() + tool / ran.connections() / 1_000;
      results.add(id + "cpu", title + "CPU time, µs", Variant.NONE, variant, cpu);
      results.add(id + "wall", title + "wall time, µs", Variant.NONE, variant, ran.wallMicros());
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
}
