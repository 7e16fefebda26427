// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.StackText;
import dev.tcpstates.jfr.analysis.Verdict;
import dev.tcpstates.jfr.analysis.Words;
import java.util.ArrayList;
import java.util.List;

/** Prints the results of the rules. */
public final class CheckView {
  private static final int INDENT = 6;

  /** Stands for the mark, whose colours have no width. */
  private static final String MARK = "____";

  private final Output out;
  private final Terminal terminal;

  public CheckView(Output out, Terminal terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  public void show(List<Verdict> verdicts) {
    for (Verdict verdict : verdicts) {
      String mark =
          verdict.passed() ? terminal.styled("green", "pass") : terminal.styled("bold,red", "FAIL");
      String text = MARK + "  " + Table.clean(verdict.rule() + ": " + verdict.found());
      terminal.wrap(text, INDENT).forEach(line -> out.line(line.replaceFirst("^" + MARK, mark)));
      if (!verdict.passed()) {
        offenders(verdict).stream()
            .flatMap(line -> terminal.wrap(" ".repeat(INDENT) + line, INDENT + 4).stream())
            .forEach(out::line);
      }
    }
    long failed = verdicts.stream().filter(verdict -> !verdict.passed()).count();
    if (failed > 0) {
      out.line("");
      out.line(failed + " of " + verdicts.size() + " failed.");
    }
  }

  /** Returns lines about the call sites that broke a rule, with their stacks. */
  static List<String> offenders(Verdict verdict) {
    List<String> lines = new ArrayList<>();
    for (Verdict.Offender offender : verdict.offenders()) {
      lines.add(
          Words.count(offender.sockets(), "socket")
              + ", such as "
              + Table.clean(offender.worst())
              + ", opened by "
              + (offender.openThread() == null
                  ? "an unknown thread"
                  : "thread \"" + Table.clean(offender.openThread()) + "\""));
      StackText.lines(offender.opener().frames())
          .forEach(line -> lines.add("    " + Table.clean(line)));
    }
    if (verdict.moreOffenders() > 0) {
      lines.add("and " + Words.count(verdict.moreOffenders(), "more place"));
    }
    return lines;
  }
}
