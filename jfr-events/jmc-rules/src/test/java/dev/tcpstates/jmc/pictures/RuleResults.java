// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The results of the rules, the worst first. */
public final class RuleResults {
  /** The result of one rule, with JMC's severity and score. */
  public record Row(String name, String severity, double score, String summary) {}

  private static final int WIDTH = 900;
  private static final int TOP = 70;
  private static final int TEXT_LEFT = 330;
  private static final int COLUMNS = 88;
  private static final int LINE = 16;

  private RuleResults() {}

  /** The picture as SVG. */
  public static String draw(List<Row> results) {
    List<Row> sorted =
        results.stream()
            .sorted(Comparator.comparingDouble(Row::score).reversed().thenComparing(Row::name))
            .toList();
    int height = TOP;
    for (Row evaluation : sorted) {
      height += row(evaluation);
    }
    Svg svg =
        new Svg(
            WIDTH,
            height,
            "What the rules say",
            "Score from 0 to 100: from 25 on an information, from 75 on a warning.");
    double y = TOP;
    for (Row evaluation : sorted) {
      svg.rectangle(
          16, y, 8, row(evaluation) - 12.0, color(evaluation.severity()), evaluation.severity());
      svg.text(34, y + 13, "start", Svg.TEXT, evaluation.name());
      svg.rectangle(34, y + 20, 160, 5, Svg.GRID, null);
      svg.rectangle(34, y + 20, 1.6 * evaluation.score(), 5, color(evaluation.severity()), null);
      svg.text(
          202,
          y + 27,
          "start",
          Svg.FAINT,
          Svg.format("%.0f %s", evaluation.score(), evaluation.severity()));
      List<String> lines = wrap(evaluation.summary());
      for (int i = 0; i < lines.size(); i++) {
        svg.text(TEXT_LEFT, y + 13 + i * LINE, "start", Svg.TEXT, lines.get(i));
      }
      y += row(evaluation);
    }
    return svg.toString();
  }

  private static int row(Row evaluation) {
    return Math.max(2, wrap(evaluation.summary()).size()) * LINE + 14;
  }

  private static String color(String severity) {
    return switch (severity) {
      case "WARNING" -> "#d55e00";
      case "INFO" -> "#0072b2";
      case "OK" -> "#009e73";
      default -> "#999999";
    };
  }

  private static List<String> wrap(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() + word.length() + 1 > COLUMNS) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
