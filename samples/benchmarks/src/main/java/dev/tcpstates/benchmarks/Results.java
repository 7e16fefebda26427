// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a run has measured. */
final class Results {
  /** A number that the load determines: if a recording has another one, the run fails. */
  private record Check(String what, double expected, double actual) {
    boolean holds() {
      return expected == actual;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s: %.0f instead of %.0f", what, actual, expected);
    }
  }

  private static final int BAR = 10;

  private final Map<String, Measure> measures = new LinkedHashMap<>();
  private final List<Check> checks = new ArrayList<>();
  private final transient List<String> order =
      new ArrayList<>(Stream.of(Variant.values()).map(Variant::label).toList());
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * Adds a value of this round.
   *
   * @param id of the measure, which begins with the section's name
   * @param title of the measure, with its unit
   * @param baseline the variant with which the others are compared; {@code null} for none
   */
  void add(String id, String title, String baseline, String variant, double value) {
    measures.computeIfAbsent(id, i -> new Measure(title, baseline)).add(variant, value);
  }

  /** The same for one of the variants that have their own names. */
  void add(String id, String title, Variant baseline, Variant variant, double value) {
    add(id, title, baseline == null ? null : baseline.label(), variant.label(), value);
  }

  /** Sets the order of rows in tables, whichever is measured first. */
  void order(List<String> variants) {
    order.addAll(variants);
  }

  /** The measure with this id, if these variants of it were measured. */
  Optional<Measure> find(String id, String... variants) {
    return Optional.ofNullable(measures.get(id))
        .filter(measure -> measure.variants().containsAll(List.of(variants)));
  }

  void check(String what, double expected, double actual) {
    Check check = new Check(what, expected, actual);
    checks.add(check);
    if (!check.holds()) {
      System.err.println("WRONG: " + check);
    }
  }

  boolean allHold() {
    return checks.stream().allMatch(Check::holds);
  }

  /** Adds a line for the reader of the numbers, once. */
  void note(String note) {
    notes.add(note);
  }

  /** All values, for programs. */
  String json() {
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(this);
  }

  /** The results for people. */
  String table(String heading, Collection<Goal> goals) {
    StringBuilder text = new StringBuilder(heading).append('\n');
    measures.forEach((id, measure) -> append(text, id, measure));
    line(text, "");
    line(text, "%-76s %9s %9s", "Goals", "measured", "at most");
    for (Goal goal : goals) {
      String met = goal.met() ? "met" : "NOT MET";
      line(text, "%-76s %9s %9s  %s", goal.what(), number(goal.value()), number(goal.limit()), met);
    }
    line(text, "");
    notes.forEach(note -> line(text, "Note: %s", note));
    List<Check> wrong = checks.stream().filter(check -> !check.holds()).toList();
    line(
        text,
        "Recordings and loads checked: %d numbers are right, %d are wrong",
        checks.size() - wrong.size(),
        wrong.size());
    wrong.forEach(check -> line(text, "  %s", check));
    return text.toString();
  }

  private void append(StringBuilder text, String id, Measure measure) {
    List<String> variants =
        measure.variants().stream()
            .sorted(Comparator.comparing(row -> order.indexOf(row) & Integer.MAX_VALUE))
            .toList();
    String base = measure.baseline();
    double most = variants.stream().mapToDouble(v -> measure.summary(v).max()).max().orElse(0);
    line(text, "");
    line(text, "%s: %s", id, measure.title());
    line(
        text,
        "   %-50s %9s %25s  %s",
        "",
        "median",
        "min .. max (rounds)",
        base == null ? "" : "× " + base);
    for (String variant : variants) {
      Measure.Summary summary = measure.summary(variant);
      String ratio = "";
      if (base != null && !variant.equals(base)) {
        Measure.Summary times = measure.ratio(variant, base);
        double more = measure.difference(variant, base).median();
        ratio =
            String.format(
                Locale.ROOT,
                "%6.3f (%.3f .. %.3f)  %s%s",
                times.median(),
                times.min(),
                times.max(),
                more < 0 ? "" : "+",
                number(more));
      }
      line(
          text,
          "   %-39s %-" + BAR + "s %9s %25s  %s",
          variant,
          "█".repeat((int) Math.round(BAR * Math.max(0, summary.median()) / Math.max(most, 1e-9))),
          number(summary.median()),
          number(summary.min()) + " .. " + number(summary.max()) + " (" + summary.count() + ")",
          ratio);
    }
  }

  private static void line(StringBuilder text, String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  /** With three significant digits, or all digits before the point. */
  private static String number(double value) {
    double size = Math.abs(value);
    String format =
        size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
