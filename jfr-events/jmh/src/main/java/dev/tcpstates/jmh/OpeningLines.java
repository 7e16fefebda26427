// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import dev.tcpstates.jfr.analysis.Words;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.Aggregator;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ResultRole;

/** The lines of code that opened sockets, as text; of all iterations and forks together. */
final class OpeningLines extends Result<OpeningLines> {
  private static final long serialVersionUID = 1;
  private static final String FORMAT = "%10s %10s %10s %12s %10s %10s  %s%n";

  private final List<LineCounts> lines;
  private final Set<String> notes;
  private final long operations;
  private final int shown;

  OpeningLines(Collection<LineCounts> lines, Collection<String> notes, long operations, int shown) {
    super(ResultRole.SECONDARY, "tcp.lines", of(Double.NaN), "---", AggregationPolicy.AVG);
    this.lines =
        lines.stream()
            .filter(line -> !line.isEmpty())
            .sorted(
                Comparator.comparingLong(LineCounts::opened)
                    .reversed()
                    .thenComparing(line -> line.line))
            .toList();
    this.notes = new LinkedHashSet<>(notes);
    this.operations = operations;
    this.shown = shown;
  }

  @Override
  protected Aggregator<OpeningLines> getThreadAggregator() {
    return OpeningLines::sum;
  }

  @Override
  protected Aggregator<OpeningLines> getIterationAggregator() {
    return OpeningLines::sum;
  }

  private static OpeningLines sum(Collection<OpeningLines> results) {
    Map<String, LineCounts> lines = new LinkedHashMap<>();
    Set<String> notes = new LinkedHashSet<>();
    long operations = 0;
    int shown = 0;
    for (OpeningLines result : results) {
      for (LineCounts line : result.lines) {
        lines.computeIfAbsent(line.line, LineCounts::new).add(line);
      }
      notes.addAll(result.notes);
      operations += result.operations;
      shown = result.shown;
    }
    return new OpeningLines(lines.values(), notes, operations, shown);
  }

  @Override
  public String toString() {
    return "(text only)";
  }

  @Override
  public String extendedInfo() {
    StringBuilder text =
        new StringBuilder("Sockets per operation, by the line that opened them:\n");
    if (lines.isEmpty()) {
      text.append("  none was opened\n");
    } else {
      text.append(
          String.format(
              FORMAT, "CONNECTS", "ACCEPTS", "FAILED", "RETRANSMITS", "RESETS", "STUCK", "LINE"));
    }
    lines.stream().limit(shown).forEach(line -> text.append(row(line)));
    if (lines.size() > shown) {
      text.append("  and ").append(Words.count(lines.size() - shown, "more line")).append('\n');
    }
    notes.forEach(note -> text.append(note).append('\n'));
    return text.toString();
  }

  private String row(LineCounts line) {
    return String.format(
        FORMAT,
        perOperation(line.connects),
        perOperation(line.accepts),
        perOperation(line.failed),
        perOperation(line.retransmits),
        perOperation(line.resets),
        perOperation(line.stuck),
        line.line);
  }

  private String perOperation(long count) {
    return count == 0 ? "-" : String.format(Locale.ROOT, "%.3f", (double) count / operations);
  }
}
