// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The values of one metric that only grow, by their attributes. Not thread-safe.
 *
 * @param <T> what holds one value
 */
final class Series<T> {
  private final Metric metric;
  private final List<Attribute> attributes;
  private final Supplier<T> create;
  private final Function<T, Point> point;
  private final Map<List<String>, T> values = new LinkedHashMap<>();

  private Series(
      Metric metric, List<Attribute> attributes, Supplier<T> create, Function<T, Point> point) {
    this.metric = metric;
    this.attributes = attributes;
    this.create = create;
    this.point = point;
  }

  /** Of a counter. */
  static Series<long[]> counters(Metric metric, List<Attribute> attributes) {
    return new Series<>(
        metric, attributes, () -> new long[1], count -> new Point(null, count[0], null));
  }

  /** Of a histogram with these exponents of its first and last bound. */
  static Series<Histogram> histograms(
      Metric metric, List<Attribute> attributes, int lowest, int highest) {
    return new Series<>(
        metric,
        attributes,
        () -> new Histogram(lowest, highest),
        histogram -> new Point(null, 0, histogram.now()));
  }

  /** Returns the value with these attributes; a new one if there is none. */
  T at(String... with) {
    return values.computeIfAbsent(List.of(with), key -> create.get());
  }

  Family now() {
    List<Point> points = new ArrayList<>(values.size());
    values.forEach(
        (key, value) -> {
          Point now = point.apply(value);
          points.add(new Point(key, now.value(), now.distribution()));
        });
    return new Family(metric, attributes, points);
  }
}
