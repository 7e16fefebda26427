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
 * @param next the limit after this one; the same if there is none
 */
record Goal(String what, double value, double limit, double next) {
  boolean met() {
    return value <= limit;
  }

  boolean nextMet() {
    return value <= next;
  }

  /** The goals whose variants were measured. */
  static List<Goal> of(Results results, List<Jdk> jdks) {
    List<Goal> goals = new ArrayList<>();
    String on = Variant.ON.label();
    String off = Variant.OFF.label();
    String none = Variant.NONE.label();
    for (String kind : ConnectionCost.kinds()) {
      for (String time : List.of("cpu", "wall")) {
        String id = "connections." + kind + "." + time;
        String what = "churn, " + kind + ", " + time + " time, against no tracing: recording ";
        add(goals, ratio(results, id, on, none), what + "on, ×", 1.10, 1.05);
        add(goals, ratio(results, id, off, none), what + "off, ×", 1.02, 1.02);
      }
    }
    add(
        goals,
        ratio(results, KernelTime.ID, KernelTime.OWNED, KernelTime.BCC),
        "kernel time, owned transition, against bcc's, ×",
        1 / 20.0,
        1 / 25.0);
    add(
        goals,
        ratio(results, KernelTime.ID, KernelTime.FOREIGN, KernelTime.OWNED),
        "kernel time, foreign transition, against an owned one's, ×",
        1 / 3.0,
        1 / 3.0);
    add(
        goals,
        results.find(ReaderCost.LOST, on).map(lost -> lost.summary(on).max()),
        "records lost at full churn",
        0,
        0);
    for (Jdk jdk : jdks) {
      add(
          goals,
          difference(results, StartUp.id(jdk, "empty", "wall"), off, Variant.EMPTY_AGENT.label()),
          "start-up added to an empty main, over an empty agent, JDK " + jdk.feature() + ", ms",
          200,
          120);
    }
    add(
        goals,
        results
            .find(Size.FILE, Size.TRANSITIONS)
            .map(bytes -> bytes.summary(Size.TRANSITIONS).median()),
        "bytes of the file per transition, B",
        80,
        80);
    add(
        goals,
        results.find(Growth.OPEN_COST).map(measure -> growth(measure, "")),
        "cost of a transition, from the fewest to the most open sockets, ×",
        1.1,
        1.1);
    add(
        goals,
        results.find(ManyJvms.FOREIGN).map(measure -> growth(measure, ManyJvms.NODE_ROW)),
        "kernel time with the node program, foreign transition, from 1 to the most JVMs, ×",
        1.1,
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
                    noise,
                    noise));
    return goals;
  }

  private static void add(
      List<Goal> goals, Optional<Double> value, String what, double limit, double next) {
    value.ifPresent(found -> goals.add(new Goal(what, found, limit, next)));
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
