// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is to be reached, beside what was measured.
 *
 * @param value measured
 * @param limit at most which it may be
 * @param next the goal after this; the same if there is none
 * @param unit of the three
 */
record Goal(String what, double value, double limit, double next, String unit) {
  boolean met() {
    return value <= limit;
  }

  boolean nextMet() {
    return value <= next;
  }

  /** Those whose variants were measured. */
  static List<Goal> of(Results results, List<Jdk> jdks) {
    String on = Variant.ON.label();
    String off = Variant.OFF.label();
    String none = Variant.NONE.label();
    List<Goal> goals = new ArrayList<>();
    for (String kind : ConnectionCost.kinds()) {
      for (String what : List.of("cpu", "wall")) {
        String id = "churn." + kind + "." + what;
        String name = "churn, " + kind + ", " + what + " time, against no tracing: recording ";
        ratio(results, id, on, none)
            .ifPresent(value -> goals.add(new Goal(name + "on", value, 1.10, 1.05, "×")));
        ratio(results, id, off, none)
            .ifPresent(value -> goals.add(new Goal(name + "off", value, 1.02, 1.02, "×")));
      }
    }
    ratio(results, KernelTime.ID, KernelTime.OWNED, KernelTime.BCC)
        .ifPresent(
            value ->
                goals.add(
                    new Goal(
                        "kernel time, owned transition, against bcc's",
                        value,
                        1 / 20.0,
                        1 / 25.0,
                        "×")));
    ratio(results, KernelTime.ID, KernelTime.FOREIGN, KernelTime.OWNED)
        .ifPresent(
            value ->
                goals.add(
                    new Goal(
                        "kernel time, foreign transition, against an owned one's",
                        value,
                        1 / 3.0,
                        1 / 3.0,
                        "×")));
    summary(results, ReaderCost.LOST, ReaderCost.ROW)
        .ifPresent(lost -> goals.add(new Goal("records lost at full churn", lost.max(), 0, 0, "")));
    for (Jdk jdk : jdks) {
      difference(results, StartUp.id(jdk, "empty", "wall"), off, Variant.EMPTY_AGENT.label())
          .ifPresent(
              value ->
                  goals.add(
                      new Goal(
                          "start-up added to an empty main, over an empty agent, JDK "
                              + jdk.feature(),
                          value,
                          200,
                          120,
                          "ms")));
    }
    summary(results, Size.FILE, Size.TRANSITIONS)
        .ifPresent(
            bytes ->
                goals.add(
                    new Goal("bytes of the file per transition", bytes.median(), 80, 80, "B")));
    results
        .find(Growth.OPEN_COST)
        .ifPresent(
            measure ->
                goals.add(
                    new Goal(
                        "cost of a transition, from the fewest to the most open sockets",
                        growth(measure),
                        1.1,
                        1.1,
                        "×")));
    String p99 = "http.keepalive.p99";
    summary(results, p99, none)
        .filter(untraced -> untraced.count() > 1) // one has no spread
        .ifPresent(
            untraced ->
                difference(results, p99, on, none)
                    .ifPresent(
                        added -> {
                          // Noise: how far the runs without tracing go apart.
                          double noise = untraced.max() - untraced.min();
                          goals.add(
                              new Goal(
                                  "p99 added under wrk, keep-alive, against the spread of no"
                                      + " tracing",
                                  added,
                                  noise,
                                  noise,
                                  "µs"));
                        }));
    return goals;
  }

  private static Optional<Measure> find(Results results, String id, String... rows) {
    return results.find(id).filter(m -> m.variants().containsAll(List.of(rows)));
  }

  private static Optional<Summary> summary(Results results, String id, String row) {
    return find(results, id, row).map(m -> m.summary(row));
  }

  private static Optional<Double> ratio(Results results, String id, String row, String of) {
    return find(results, id, row, of).map(m -> m.ratio(row, of).median());
  }

  private static Optional<Double> difference(Results results, String id, String row, String less) {
    return find(results, id, row, less).map(m -> m.difference(row, less).median());
  }

  private static double growth(Measure measure) {
    Comparator<String> byNumber =
        Comparator.comparing(row -> Integer.parseInt(row.replaceAll("\\D", "")));
    return measure
        .ratio(
            Collections.max(measure.variants(), byNumber),
            Collections.min(measure.variants(), byNumber))
        .median();
  }
}
