// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.agent.cli.view.FleetVerdicts.FailedRule;
import dev.tcpstates.agent.cli.view.FleetVerdicts.JvmVerdict;
import dev.tcpstates.agent.cli.view.FleetVerdicts.Place;
import dev.tcpstates.jfr.analysis.StackText;
import dev.tcpstates.jfr.analysis.Words;
import java.util.List;

/** Prints the results of the rules for several JVMs. */
public final class FleetCheckView {
  private static final String FILE = "RECORDING";
  private static final int MAIN_CLASS = 24;

  /** How many call sites are printed of each failed rule. */
  private static final int PLACES = 3;

  private final Output out;
  private final Terminal terminal;
  private final boolean wide;

  /**
   * @param wide whether the table has all columns, even if the terminal wraps its rows
   */
  public FleetCheckView(Output out, Terminal terminal, boolean wide) {
    this.out = out;
    this.terminal = terminal;
    this.wide = wide;
  }

  public void show(FleetVerdicts verdicts) {
    List<JvmVerdict> jvms = verdicts.jvms();
    List<List<String>> files = jvms.stream().map(JvmVerdict::files).toList();
    FileNames names = new FileNames(files);
    Table<JvmVerdict> table =
        new Table<JvmVerdict>(out, terminal, false)
            .left("CHECK", 5, jvm -> jvm.failed() == 0 ? "pass" : "FAIL")
            .left(FILE, names.width(files, FILE), jvm -> names.of(jvm.files()))
            .right("PID", 7, jvm -> jvm.jvm() == null ? null : jvm.jvm().pid())
            .left("MAIN CLASS", MAIN_CLASS, jvm -> FileNames.mainClass(jvm.jvm(), MAIN_CLASS))
            .left("FAILED RULES", 0, JvmVerdict::found)
            .drop("PID", "MAIN CLASS")
            .wide(wide);
    jvms.forEach(table);
    for (FailedRule rule : verdicts.failedRules()) {
      out.line("");
      String text = "FAIL  " + rule.rule() + ": in " + Words.count(rule.jvms(), "JVM");
      terminal
          .wrap(Table.clean(text), 6)
          .forEach(line -> out.line(terminal.styled("bold,red", line)));
      List<Place> places = rule.places();
      places.stream().limit(PLACES).forEach(place -> show(place, names));
      long more = rule.more() + Math.max(0, places.size() - PLACES);
      if (more > 0) {
        out.line("      and " + Words.count(more, "more place"));
      }
    }
    long failed = jvms.stream().filter(jvm -> jvm.failed() > 0).count();
    out.line("");
    out.line(failed + " of " + Words.count(jvms.size(), "JVM") + " failed.");
  }

  private void show(Place place, FileNames names) {
    String thread = place.worst().openThread();
    String text =
        Words.count(place.sockets(), "socket")
            + " in "
            + Words.count(place.jvms(), "JVM")
            + ", most in "
            + names.of(place.worstFile())
            + ", such as "
            + place.worst().worst()
            + ", opened by "
            + (thread == null ? "an unknown thread" : "thread \"" + thread + "\"");
    terminal.wrap("      " + Table.clean(text), 10).forEach(out::line);
    StackText.lines(place.worst().opener().frames()).stream()
        .flatMap(line -> terminal.wrap("          " + Table.clean(line), 14).stream())
        .forEach(out::line);
  }
}
