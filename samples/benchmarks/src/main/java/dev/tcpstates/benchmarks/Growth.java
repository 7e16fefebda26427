// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.io.IOException;
import java.util.List;

/**
 * What a transition costs as the number of open sockets, of places in the code that open some, and
 * of threads grows.
 */
final class Growth implements Section {
  static final String OPEN_COST = "growth.open.ours";

  private static final int PAIRS = 4;

  /**
   * What grows.
   *
   * @param id in those of the measures
   * @param name of so many of it
   * @param steps how many there are, from one measurement to the next
   */
  private record Axis(String id, String name, List<Integer> steps) {
    /** As tables show it. */
    String row(int number) {
      return String.format("%s: %,d", name, number);
    }

    /** In the order in which they are to be told. */
    void declare(Results results) {
      cpu(results, Variant.NONE);
      cpu(results, Variant.ON);
      ours(results);
      kernel(results);
      reader(results);
    }

    Measure cpu(Results results, Variant variant) {
      return measure(results, variant.name(), "CPU time per connection, " + variant.label(), "µs");
    }

    Measure ours(Results results) {
      return measure(results, "ours", "BPF programs and agent's threads, per transition", "ns");
    }

    Measure kernel(Results results) {
      return measure(results, "kernel", "BPF programs alone", "ns");
    }

    Measure reader(Results results) {
      return measure(results, "reader", "agent's threads alone", "ns");
    }

    private Measure measure(Results results, String what, String title, String unit) {
      return results
          .measure("growth." + id + "." + what, 7, "Growth with " + name + ": " + title, unit, null)
          .rows(steps.stream().map(this::row).toList());
    }
  }

  @Override
  public void run(Bench bench, Scale scale, Results results)
      throws IOException, InterruptedException {
    Axis open = new Axis("open", "open sockets", scale.open());
    Axis sites = new Axis("sites", "open sites", scale.sites());
    Axis threads = new Axis("threads", "client threads", scale.threads());
    try (BpfStats stats = BpfStats.on(bench)) {
      for (int round = 0; round < scale.growthRounds(); round++) {
        for (Axis axis : List.of(open, sites, threads)) {
          axis.declare(results);
          for (int step : Rounds.shuffled(axis.steps)) {
            for (Variant variant : Rounds.shuffled(List.of(Variant.NONE, Variant.ON))) {
              one(bench, scale, results, stats, axis, step, variant);
            }
          }
          Progress.dot();
        }
      }
    }
  }

  private static void one(
      Bench bench,
      Scale scale,
      Results results,
      BpfStats stats,
      Axis axis,
      int step,
      Variant variant)
      throws IOException, InterruptedException {
    int pairs = axis.id.equals("threads") ? step : PAIRS;
    int sites = axis.id.equals("sites") ? step : 1;
    int open = axis.id.equals("open") ? step : 0;
    try (LoadJvm jvm =
            new LoadJvm.Builder(bench, variant)
                .jvm(LoadJvm.HEAP)
                .start(Load.class, "kind=blocking", "pairs=" + pairs, "sites=" + sites);
        OpenSockets held = OpenSockets.of(bench, jvm, open)) {
      held.tell(results);
      jvm.run(scale.warmUp() / 2);
      boolean ours = variant == Variant.ON;
      BpfStats.Usage kernel = ours ? stats.of(jvm.pid(), KernelTime.OUR_PROGRAMS) : null;
      double reader = ReaderCost.agentNanos(jvm.pid());
      LoadJvm.Ran ran = jvm.run(scale.connections() / 2);
      reader = ReaderCost.agentNanos(jvm.pid()) - reader;
      axis.cpu(results, variant).add(axis.row(step), ran.cpuNanos() / ran.connections() / 1_000);
      if (ours) {
        kernel = stats.of(jvm.pid(), KernelTime.OUR_PROGRAMS).minus(kernel);
        double transitions = RecordingCounts.TRANSITIONS_PER_CONNECTION * ran.connections();
        axis.ours(results).add(axis.row(step), (kernel.nanos() + reader) / transitions);
        axis.kernel(results).add(axis.row(step), kernel.nanos() / transitions);
        axis.reader(results).add(axis.row(step), reader / transitions);
      }
    }
  }
}
