// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The results for programs: every value, and what was made of them. */
final class JsonReport {
  private record Row(String variant, Summary summary, Summary ratio, List<Double> values) {}

  private record Table(
      String id, int section, String title, String unit, String baseline, List<Row> rows) {}

  private record Reached(
      String what,
      double value,
      double limit,
      double next,
      String unit,
      boolean met,
      boolean nextMet) {}

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private JsonReport() {}

  static String of(
      Instant started, Machine machine, Scale scale, Results results, List<Goal> goals) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("started", started.toString());
    all.put("scale", scale.toString());
    all.put("machine", machine);
    all.put("measures", results.measures().stream().map(JsonReport::table).toList());
    all.put(
        "goals",
        goals.stream()
            .map(
                goal ->
                    new Reached(
                        goal.what(),
                        goal.value(),
                        goal.limit(),
                        goal.next(),
                        goal.unit(),
                        goal.met(),
                        goal.nextMet()))
            .toList());
    all.put("checks", results.checks());
    all.put("notes", results.notes());
    return GSON.toJson(all) + "\n";
  }

  private static Table table(Measure measure) {
    String base = measure.variants().contains(measure.baseline()) ? measure.baseline() : null;
    return new Table(
        measure.id(),
        measure.section(),
        measure.title(),
        measure.unit(),
        measure.baseline(),
        measure.variants().stream()
            .map(
                variant ->
                    new Row(
                        variant,
                        measure.summary(variant),
                        base == null ? null : measure.ratio(variant, base),
                        measure.values(variant)))
            .toList());
  }
}
