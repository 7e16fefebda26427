// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.List;
import java.util.Locale;

/** The results as text. */
final class TableReport {
  private final StringBuilder text = new StringBuilder();

  private TableReport() {}

  static String of(Machine machine, Scale scale, Results results, List<Goal> goals) {
    TableReport report = new TableReport();
    report.line("%s run on %s", scale.toString(), machine);
    results.measures().stream()
        .sorted((a, b) -> a.section() - b.section())
        .forEach(report::measure);
    report.goals(goals);
    report.line("");
    results.notes().forEach(note -> report.line("Note: %s", note));
    List<Results.Check> wrong = results.checks().stream().filter(check -> !check.holds()).toList();
    report.line(
        "Recordings and loads checked: %d numbers are as they must be, %d are not",
        results.checks().size() - wrong.size(), wrong.size());
    wrong.forEach(
        check ->
            report.line(
                "  %s: %.0f instead of %.0f", check.what(), check.actual(), check.expected()));
    return report.text.toString();
  }

  private void line(String format, Object... arguments) {
    text.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  private void measure(Measure measure) {
    String unit = measure.unit().isEmpty() ? "" : ", " + measure.unit();
    line("");
    line("%d  %s%s", measure.section(), measure.title(), unit);
    line(
        "   %-40s %11s %25s  %s",
        "",
        "median",
        "min .. max (rounds)",
        measure.baseline() == null ? "" : "× " + measure.baseline());
    for (String variant : measure.variants()) {
      Summary summary = measure.summary(variant);
      String ratio = "";
      if (measure.baseline() != null
          && !variant.equals(measure.baseline())
          && measure.variants().contains(measure.baseline())) {
        Summary times = measure.ratio(variant, measure.baseline());
        Summary more = measure.difference(variant, measure.baseline());
        ratio =
            String.format(
                Locale.ROOT,
                "%6.3f (%.3f .. %.3f)  %s",
                times.median(),
                times.min(),
                times.max(),
                (more.median() < 0 ? "" : "+") + number(more.median()));
      }
      line(
          "   %-40s %11s %25s  %s",
          variant,
          number(summary.median()),
          number(summary.min()) + " .. " + number(summary.max()) + " (" + summary.count() + ")",
          ratio);
    }
  }

  private void goals(List<Goal> goals) {
    line("");
    line("%-76s %9s %9s  %s", "Goals", "measured", "at most", "");
    for (Goal goal : goals) {
      String met = goal.met() ? "met" : "NOT MET";
      if (goal.next() != goal.limit()) {
        met += "; then " + number(goal.next()) + ": " + (goal.nextMet() ? "met" : "not met");
      }
      line(
          "%-76s %9s %9s  %s",
          goal.what() + (goal.unit().isEmpty() ? "" : ", " + goal.unit()),
          number(goal.value()),
          number(goal.limit()),
          met);
    }
  }

  /** With three digits that say something, or all that are before the point. */
  static String number(double value) {
    double size = Math.abs(value);
    String format =
        size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
