// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.util.List;

/**
 * What a connection costs at the highest churn the machine makes. CPU time is the JVM's, with the
 * kernel's work in its threads, and that of bcc's process; wall time is that of all, divided by the
 * number of connections, while both processors are busy.
 */
final class ConnectionCost implements Section {
  /** A way to use sockets, and how many pairs of clients and servers keep the machine busy. */
  private record Kind(String name, String title, int pairs, boolean virtual) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("blocking", "blocking sockets", 4, false),
          new Kind("selector", "NIO selector", 2, false),
          new Kind("virtual", "virtual threads", 16, true));

  static List<String> kinds() {
    return KINDS.stream().map(Kind::name).toList();
  }

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    for (Kind kind : KINDS) {
      if (kind.virtual && bench.jdk().feature() < Jdk.FIRST_WITH_VIRTUAL_THREADS) {
        results.note("JDK " + bench.jdk().feature() + " has no virtual threads: not measured");
        continue;
      }
      int rounds = kind.name.equals("blocking") ? scale.blockingRounds() : scale.otherRounds();
      for (int round = 0; round < rounds; round++) {
        for (Variant variant : Rounds.shuffled(scale.variants())) {
          one(bench, scale, results, kind, variant, round == 0);
        }
        Progress.dot();
      }
    }
  }

  private static void one(
      Bench bench, Scale scale, Results results, Kind kind, Variant variant, boolean check)
      throws IOException, InterruptedException {
    String title = "Cost per connection, " + kind.title + ": ";
    String base = Variant.NONE.label();
    Measure cpu =
        results
            .measure("churn." + kind.name + ".cpu", 1, title + "CPU time", "µs", base)
            .variantRows();
    Measure wall =
        results
            .measure("churn." + kind.name + ".wall", 1, title + "wall time", "µs", base)
            .variantRows();
    try (Bcc bcc = variant == Variant.BCC ? Bcc.start(bench) : null;
        LoadJvm jvm =
            new LoadJvm.Builder(bench, variant)
                .jvm(LoadJvm.HEAP)
                .start(Load.class, "kind=" + kind.name, "pairs=" + kind.pairs)) {
      jvm.run(scale.warmUp());
      double toolBefore = bcc == null ? 0 : bcc.cpuNanos();
      LoadJvm.Ran ran = jvm.run(scale.connections());
      double tool = bcc == null ? 0 : bcc.cpuNanos() - toolBefore;
      cpu.add(variant.label(), (ran.cpuNanos() + tool) / ran.connections() / 1_000);
      wall.add(variant.label(), ran.wallNanos() / ran.connections() / 1_000);
      jvm.end();
      if (variant == Variant.ON && check) {
        RecordingCounts.of(jvm.recording())
            .check(results, kind.title, scale.warmUp() + ran.connections(), kind.pairs);
      }
      if (bcc != null) {
        bcc.stop();
        results
            .measure("churn." + kind.name + ".bccLost", 1, title + "lost by bcc", "%", null)
            .add(variant.label(), 100.0 * bcc.lost() / Math.max(1, bcc.lost() + bcc.rows()));
      }
    }
  }
}
