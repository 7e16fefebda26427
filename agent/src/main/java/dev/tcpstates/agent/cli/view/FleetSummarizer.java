// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Summarizer;
import dev.tcpstates.jfr.analysis.Summary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums up the summaries of several JVMs. It keeps some numbers of each, but no summary. */
public final class FleetSummarizer {
  /** How many lines of code are counted separately, as in a summary of one JVM. */
  private static final int LINES = Summarizer.LINES;

  private static final String GROWTH = "GROWTH";

  private record Key(boolean leak, String fault, String line) {}

  private static final class Count {
    long jvms;
    long count;
    long most;
    String worstFile;

    void add(long ofJvm, String file) {
      jvms++;
      count += ofJvm;
      if (ofJvm > most) {
        most = ofJvm;
        worstFile = file;
      }
    }
  }

  private final List<JvmTotals> jvms = new ArrayList<>();
  private final Map<Key, Count> lines = new LinkedHashMap<>();
  private final Set<String> leaking = new HashSet<>();

  /** Adds a JVM. */
  public void add(List<Path> files, Summary summary, List<ReadProblem> problems) {
    jvms.add(JvmTotals.of(files, summary, problems));
    Map<Key, Long> ofJvm = new HashMap<>();
    summary
        .leaks()
        .forEach(leak -> add(ofJvm, true, name(leak.cause()), leak.line(), leak.count()));
    summary.growth().forEach(growth -> add(ofJvm, true, GROWTH, growth.line(), growth.open()));
    summary
        .failures()
        .forEach(
            failure -> add(ofJvm, false, name(failure.end()), failure.line(), failure.count()));
    ofJvm.forEach(
        (key, count) -> {
          if (key.leak && leaking.size() < LINES) {
            leaking.add(key.line);
          }
          Key known =
              lines.size() < LINES || lines.containsKey(key)
                  ? key
                  : new Key(key.leak, key.fault, Summarizer.OTHER_LINES);
          lines.computeIfAbsent(known, line -> new Count()).add(count, files.get(0).toString());
        });
  }

  private static void add(
      Map<Key, Long> counts, boolean leak, String fault, String line, long count) {
    counts.merge(new Key(leak, fault, line == null ? "unknown" : line), count, Long::sum);
  }

  private static String name(Enum<?> value) {
    return value == null ? "UNKNOWN" : value.name();
  }

  /** Adds a JVM of whose recordings nothing could be read. */
  public void addUnreadable(List<Path> files, String reason) {
    jvms.add(JvmTotals.unreadable(files, reason));
  }

  /** Returns the summary of the JVMs that were added. */
  public FleetSummary result(FleetOrder order) {
    return new FleetSummary(
        jvms.stream().sorted(order.worstFirst()).toList(),
        JvmTotals.sum(jvms, leaking.size()),
        lines.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<Key, Count> line) -> !line.getKey().leak)
                    .thenComparing(line -> -line.getValue().count))
            .map(
                line ->
                    new FaultyLine(
                        line.getKey().fault,
                        line.getValue().jvms,
                        line.getValue().count,
                        line.getKey().line,
                        line.getValue().worstFile))
            .toList());
  }
}
