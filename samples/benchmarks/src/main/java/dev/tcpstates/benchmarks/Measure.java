// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/**
 * One quantity of several variants, each with one value per round. The values of two variants in
 * the same round belong together: they were measured one after the other, so a slow minute of the
 * machine affects both.
 */
final class Measure {
  /** The least, the median and the greatest of some values. */
  record Summary(int count, double min, double median, double max) {
    static Summary of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      int last = sorted.size() - 1;
      double median = (sorted.get(last / 2) + sorted.get((last + 1) / 2)) / 2;
      return new Summary(sorted.size(), sorted.get(0), median, sorted.get(last));
    }
  }

  private final String title;
  private final String baseline;
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  Measure(String title, String baseline) {
    this.title = title;
    this.baseline = baseline;
  }

  void add(String variant, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(title + ", " + variant + ": " + value);
    }
    values.computeIfAbsent(variant, v -> new ArrayList<>()).add(value);
  }

  String title() {
    return title;
  }

  /** The variant with which the others are compared; {@code null} for none. */
  String baseline() {
    return values.containsKey(baseline) ? baseline : null;
  }

  Set<String> variants() {
    return values.keySet();
  }

  Summary summary(String variant) {
    return Summary.of(values.get(variant));
  }

  /** One variant's values as multiples of another's, round by round. */
  Summary ratio(String variant, String of) {
    return compare(variant, of, (a, b) -> a / b);
  }

  /** One variant's values minus another's, round by round. */
  Summary difference(String variant, String less) {
    return compare(variant, less, (a, b) -> a - b);
  }

  private Summary compare(String variant, String other, DoubleBinaryOperator how) {
    List<Double> a = values.get(variant);
    List<Double> b = values.get(other);
    return Summary.of(
        IntStream.range(0, Math.min(a.size(), b.size()))
            .mapToObj(i -> how.applyAsDouble(a.get(i), b.get(i)))
            .toList());
  }
}
