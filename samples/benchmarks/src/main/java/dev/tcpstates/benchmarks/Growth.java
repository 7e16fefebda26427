// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import dev.tcpstates.benchmarks.load.Load;
import java.util.List;

/**
 * Cost of a transition as the number of open sockets, of call sites that open some, and of threads
 * grows.
 */
final class Growth implements Section {
  static final String OPEN_COST = "growth.open.ours";

  private static final int PAIRS = 4;

  /**
   * What grows.
   *
   * @param id in the ids of its measures
   * @param steps how many there are in each measurement
   */
  private record Axis(String id, String name, List<Integer> steps) {
    void add(Results results, int step, String what, String title, double value) {
      title = "Growth with " + name + ": " + title;
      results.add("growth." + id + "." + what, title, null, row(step), value);
    }

    private String row(int number) {
      return String.format("%s: %,d", name, number);
    }
  }

  @Override
  public void run(Bench bench) throws Exception {
    Scale scale = bench.scale();
    List<Axis> axes =
        List.of(
            new Axis(
                "open",
                "open sockets",
                scale.of(List.of(10, 700), List.of(10, 10_000), List.of(10, 1_000, 50_000))),
            new Axis(
                "sites", "open sites", scale.of(List.of(50), List.of(1, 1_000), List.of(1, 1_000))),
            new Axis(
                "threads",
                "client threads",
                scale.of(List.of(8), List.of(1, 200), List.of(1, 10, 50, 200))));
    axes.forEach(axis -> bench.results().order(axis.steps.stream().map(axis::row).toList()));
    try (BpfStats stats = BpfStats.on(bench)) {
      for (int round = 0; round < scale.of(1, 1, 2); round++) {
        for (Axis axis : axes) {
          for (int step : Bench.shuffled(axis.steps)) {
            for (Variant variant : Bench.shuffled(List.of(Variant.NONE, Variant.ON))) {
              measure(bench, stats, axis, step, variant);
            }
          }
          System.err.print(".");
        }
      }
    }
  }

  private static void measure(Bench bench, BpfStats stats, Axis axis, int step, Variant variant)
      throws Exception {
    int pairs = axis.id.equals("threads") ? step : PAIRS;
    int sites = axis.id.equals("sites") ? step : 1;
    int open = axis.id.equals("open") ? step : 0;
    try (LoadJvm jvm =
        new LoadJvm.Builder(bench, variant)
            .jvm(LoadJvm.HEAP)
            .start(Load.class, "kind=blocking", "pairs=" + pairs, "sites=" + sites)) {
      OpenSockets.open(bench, jvm, open);
      jvm.run(bench.scale().warmUp() / 2);
      boolean ours = variant == Variant.ON;
      BpfStats.Usage kernel = ours ? stats.of(jvm.pid(), KernelTime.OUR_PROGRAMS) : null;
      double reader = jvm.agentNanos();
      LoadJvm.Ran ran = jvm.run(bench.scale().connections() / 2);
      Results results = bench.results();
      String title = "CPU time per connection, " + variant.label() + ", µs";
      axis.add(results, step, variant.name(), title, ran.cpuMicros());
      if (ours) {
        double agent = (jvm.agentNanos() - reader) / ran.transitions();
        double programs =
            stats.of(jvm.pid(), KernelTime.OUR_PROGRAMS).minus(kernel).nanos() / ran.transitions();
        title = "BPF programs and agent's threads, per transition, ns";
        axis.add(results, step, "ours", title, programs + agent);
        axis.add(results, step, "kernel", "BPF programs alone, ns", programs);
        axis.add(results, step, "reader", "agent's threads alone, ns", agent);
      }
    }
  }
}
