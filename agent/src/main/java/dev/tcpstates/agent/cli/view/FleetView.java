// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.Words;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Prints a summary of several JVMs: a row for each, and the lines of code with a fault. */
public final class FleetView {
  private static final String FILE = "RECORDING";
  private static final int MAIN_CLASS = 24;

  private final Output out;
  private final Terminal terminal;
  private final int top;
  private final boolean wide;

  /**
   * @param top how many lines of code to print, at most
   * @param wide whether tables have all columns, even if the terminal wraps their rows
   */
  public FleetView(Output out, Terminal terminal, int top, boolean wide) {
    this.out = out;
    this.terminal = terminal;
    this.top = top;
    this.wide = wide;
  }

  public void show(FleetSummary summary) {
    List<List<String>> files = summary.jvms().stream().map(JvmTotals::files).toList();
    FileNames names = new FileNames(files);
    int width = names.width(files, FILE);
    Table<JvmTotals> table =
        new Table<JvmTotals>(out, terminal, false)
            .left(FILE, width, jvm -> isTotal(jvm) ? "total" : names.of(jvm.files()))
            .right("PID", 7, JvmTotals::pid)
            .left("MAIN CLASS", MAIN_CLASS, jvm -> FileNames.mainClass(jvm.mainClass(), MAIN_CLASS))
            .right("TIME", 8, jvm -> jvm.duration() == null ? null : Words.duration(jvm.duration()))
            .right("CONNS", 9, jvm -> number(jvm, JvmTotals::connections))
            .right("FAILED", 7, jvm -> number(jvm, JvmTotals::failed))
            .right("RESET", 7, jvm -> number(jvm, JvmTotals::reset))
            .right("RETRANS", 7, jvm -> number(jvm, JvmTotals::retransmits))
            .right("STUCK", 7, jvm -> number(jvm, JvmTotals::stuck))
            .right("GROWN", 7, jvm -> number(jvm, JvmTotals::grown))
            .right("LINES", 5, jvm -> number(jvm, JvmTotals::lines))
            .right("TIME_WAIT", 9, jvm -> number(jvm, JvmTotals::timeWait))
            .right("LOST", 6, jvm -> number(jvm, JvmTotals::lost))
            .left("NOTE, OR WORST LINE", 0, FleetView::remark)
            .drop("LINES", "TIME", "LOST", "PID", "MAIN CLASS", "RETRANS", "GROWN", "TIME_WAIT")
            .wide(wide);
    summary.jvms().forEach(table);
    table.accept(summary.total());
    long recorded = summary.jvms().stream().filter(JvmTotals::recorded).count();
    long others = summary.jvms().size() - recorded;
    String none = others == 0 ? "" : "; rows without an event of the agent: " + others;
    out.line("");
    terminal.wrap(Words.count(recorded, "JVM") + none, 2).forEach(out::line);
    lines(summary.lines(), names);
  }

  private void lines(List<FaultyLine> lines, FileNames names) {
    if (lines.isEmpty()) {
      return;
    }
    out.line("");
    int width =
        Math.min(
            40,
            lines.stream()
                .limit(top)
                .mapToInt(line -> names.of(line.worstFile()).length())
                .max()
                .orElse(0));
    Table<FaultyLine> table =
        new Table<FaultyLine>(out, terminal, false)
            .left("FAULT", 15, FaultyLine::fault)
            .right("JVMS", 5, FaultyLine::jvms)
            .right("N", 7, line -> String.format(Locale.ROOT, "%,d", line.count()))
            .left("MOST IN", Math.max(7, width), line -> names.of(line.worstFile()))
            .left("OPENED BY", 0, FaultyLine::line)
            .drop("JVMS")
            .wide(wide);
    lines.stream().limit(top).forEach(table);
    if (lines.size() > top) {
      out.line("  and " + (lines.size() - top) + " more; see --top");
    }
  }

  private static boolean isTotal(JvmTotals jvm) {
    return jvm.files().isEmpty();
  }

  private static String remark(JvmTotals jvm) {
    return jvm.note() == null ? jvm.worst() : jvm.note();
  }

  private static String number(JvmTotals jvm, ToLongFunction<JvmTotals> value) {
    return jvm.recorded() ? String.format(Locale.ROOT, "%,d", value.applyAsLong(jvm)) : null;
  }
}
