// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A limit for something that was measured.
 *
 * @param what with its unit
 * @param limit at most which the value may be
 */
record Goal(String what, double value, double limit) {
  boolean met() {
    return value <= limit;
  }

  /** The goals whose variants were measured. */
  static List<Goal> of(Results results, List<Jdk> jdks) {
    List<Goal> goals = new ArrayList<>();
    String on = Variant.ON.label();
    String off = Variant.OFF.label();
    String none = Variant.NONE.label();
    String jfr = Variant.JFR.label();
    for (String kind : ConnectionCost.kinds()) {
      String cpu = "connections." + kind + ".cpu";
      String what = "CPU time of a connection, " + kind + ", ";
      add(
          goals,
          ratio(results, cpu, off, none),
          what + "not recorded, against no tracing, ×",
          1.08);
      add(goals, ratio(results, cpu, on, jfr), what + "recorded, against JFR alone, ×", 1.15);
    }
    String rate = "requests.close.rate";
    add(
        goals,
        ratio(results, rate, jfr, on),
        "HTTP, a connection per request: requests of JFR alone, against recorded, ×",
        1 / 0.97);
    add(
        goals,
        ratio(results, KernelTime.ID, KernelTime.OWNED, KernelTime.BCC),
        "kernel time, owned transition, against bcc's, ×",
        1 / 20.0);
    add(
        goals,
        ratio(results, KernelTime.ID, KernelTime.FOREIGN, KernelTime.OWNED),
        "kernel time, foreign transition, against an owned one's, ×",
        1 / 3.0);
    add(
        goals,
        results.find(ReaderCost.LOST, on).map(lost -> lost.summary(on).max()),
        "records lost at full churn",
        0);
    for (Jdk jdk : jdks) {
      add(
          goals,
          difference(results, StartUp.id(jdk, "empty", "wall"), off, Variant.EMPTY_AGENT.label()),
          "start-up added to an empty main, over an empty agent, JDK " + jdk.feature() + ", ms",
          60);
    }
    add(
        goals,
        results
            .find(Size.FILE, Size.TRANSITIONS)
            .map(bytes -> bytes.summary(Size.TRANSITIONS).median()),
        "bytes of the file per transition, B",
        70);
    String memory = "size.idle.rss";
    add(
        goals,
        difference(results, memory, off, Variant.EMPTY_AGENT.label()),
        "resident memory when idle, not recorded, over an empty agent, MB",
        15);
    add(
        goals,
        difference(results, memory, on, jfr),
        "resident memory when idle, recorded, over JFR alone, MB",
        15);
    add(
        goals,
        results.find(Growth.OPEN_COST).map(measure -> growth(measure, "")),
        "cost of a transition, from the fewest to the most open sockets, ×",
        1.1);
    add(
        goals,
        results.find(ManyJvms.FOREIGN).map(measure -> growth(measure, ManyJvms.NODE_ROW)),
        "kernel time with the node program, foreign transition, from 1 to the most JVMs, ×",
        1.1);
    String p99 = "requests.keepalive.p99";
    results
        .find(p99, none)
        .map(latency -> latency.summary(none))
        .filter(untraced -> untraced.count() > 1) // one round has no spread
        .map(untraced -> untraced.max() - untraced.min())
        .ifPresent(
            noise ->
                add(
                    goals,
                    difference(results, p99, on, none),
                    "p99 added under wrk, keep-alive, against the spread of no tracing, µs",
                    noise));
    return goals;
  }

  private static void add(List<Goal> goals, Optional<Double> value, String what, double limit) {
    value.ifPresent(found -> goals.add(new Goal(what, found, limit)));
  }

  private static Optional<Double> ratio(Results results, String id, String row, String of) {
    return results.find(id, row, of).map(m -> m.ratio(row, of).median());
  }

  private static Optional<Double> difference(Results results, String id, String row, String less) {
    return results.find(id, row, less).map(m -> m.difference(row, less).median());
  }

  /** From the row with the least number to the one with the greatest, of those that begin so. */
  private static double growth(Measure measure, String start) {
    List<String> rows =
        measure.variants().stream()
            .filter(row -> row.startsWith(start))
            .sorted(Comparator.comparing(row -> Integer.parseInt(row.replaceAll("\\D", ""))))
            .toList();
    return measure.ratio(rows.get(rows.size() - 1), rows.get(0)).median();
  }
}
