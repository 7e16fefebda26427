// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One quantity, of several variants, a value for each round of each. Of two variants, the values of
 * the same round belong together: they were measured one after the other, so a slow minute of the
 * machine is in both.
 */
final class Measure {
  private final String id;
  private final int section;
  private final String title;
  private final String unit;
  private final String baseline;
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /**
   * @param id its name, for goals and JSON
   * @param section of the list, from 1
   * @param baseline the variant that the others are compared with; {@code null} for none
   */
  Measure(String id, int section, String title, String unit, String baseline) {
    this.id = id;
    this.section = section;
    this.title = title;
    this.unit = unit;
    this.baseline = baseline;
  }

  /** Sets the order in which variants are told of, whichever is measured first. */
  Measure rows(Collection<String> variants) {
    variants.forEach(variant -> values.computeIfAbsent(variant, v -> new ArrayList<>()));
    return this;
  }

  /** The same for what bears the variants' labels. */
  Measure variantRows() {
    return rows(Stream.of(Variant.values()).map(Variant::label).toList());
  }

  void add(String variant, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(id + ", " + variant + ": " + value);
    }
    values.computeIfAbsent(variant, v -> new ArrayList<>()).add(value);
  }

  String id() {
    return id;
  }

  int section() {
    return section;
  }

  String title() {
    return title;
  }

  String unit() {
    return unit;
  }

  String baseline() {
    return baseline;
  }

  /** Those that were measured. */
  List<String> variants() {
    return values.keySet().stream().filter(variant -> !values.get(variant).isEmpty()).toList();
  }

  Summary summary(String variant) {
    return Summary.of(values(variant));
  }

  List<Double> values(String variant) {
    List<Double> found = values.get(variant);
    if (found == null || found.isEmpty()) {
      throw new IllegalArgumentException(id + " has no " + variant);
    }
    return List.copyOf(found);
  }

  /** One variant's values as multiples of another's, round by round. */
  Summary ratio(String variant, String of) {
    List<Double> above = values(variant);
    List<Double> below = values(of);
    return Summary.of(
        IntStream.range(0, Math.min(above.size(), below.size()))
            .mapToObj(i -> above.get(i) / below.get(i))
            .toList());
  }

  /** One variant's values less another's, round by round. */
  Summary difference(String variant, String less) {
    List<Double> of = values(variant);
    List<Double> other = values(less);
    return Summary.of(
        IntStream.range(0, Math.min(of.size(), other.size()))
            .mapToObj(i -> of.get(i) - other.get(i))
            .toList());
  }
}
