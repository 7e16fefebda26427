// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a run has found. */
final class Results {
  /** Something that has to be so if the instrument is right. */
  record Check(String what, double expected, double actual) {
    boolean holds() {
      return expected == actual;
    }
  }

  private final Map<String, Measure> measures = new LinkedHashMap<>();
  private final List<Check> checks = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** The measure with this id, new at the first time; as {@link Measure#Measure}. */
  Measure measure(String id, int section, String title, String unit, String baseline) {
    return measures.computeIfAbsent(id, i -> new Measure(i, section, title, unit, baseline));
  }

  /** The measure with this id, if something was measured. */
  Optional<Measure> find(String id) {
    return Optional.ofNullable(measures.get(id)).filter(m -> !m.variants().isEmpty());
  }

  List<Measure> measures() {
    return measures.values().stream().filter(m -> !m.variants().isEmpty()).toList();
  }

  /** Notes whether what was recorded is what was done. */
  void check(String what, double expected, double actual) {
    Check check = new Check(what, expected, actual);
    checks.add(check);
    if (!check.holds()) {
      System.err.printf("WRONG: %s: %.0f, not %.0f%n", what, actual, expected);
    }
  }

  List<Check> checks() {
    return List.copyOf(checks);
  }

  /** What a reader of the numbers should know. */
  void note(String note) {
    if (!notes.contains(note)) {
      notes.add(note);
    }
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
