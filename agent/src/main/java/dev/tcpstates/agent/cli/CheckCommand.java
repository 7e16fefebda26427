// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CheckView;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.JUnitReport;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Check;
import dev.tcpstates.jfr.analysis.Rule;
import dev.tcpstates.jfr.analysis.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks recordings against rules, for pipelines. */
@Command(
    name = "check",
    modelTransformer = CheckRules.class,
    description = {
      "Checks recordings against rules, and prints the code that broke one.",
      "",
      "The check also fails if the agent did not record, or if records are missing, because then"
          + " nothing is proven.",
      "",
      "In SAMPLED mode (see AgentState.mode) the agent polls the sockets. Only these rules can then"
          + " pass: --no-leaks, --max-connections, --max-connections-per-site,"
          + " --no-connections-from and --min-connections."
    },
    footer = {
      "",
      "A <time> is a number and ns, us, ms, s, min or h. A connection that began before the"
          + " recording may have an unknown opener.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar check --no-leaks --max-resets 0 app.jfr",
      "  java -jar tcpstates-agent.jar check --max-handshake 50ms --junit TEST-tcp.xml app.jfr"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK + ":all rules passed",
      Exit.FAILED + ":a rule failed, or the agent did not record everything",
      Exit.USAGE + ":the command line is wrong",
      Exit.INPUT + ":a recording can't be read, or only a part, and that part passed",
      Exit.DEFECT + ":a defect in this program"
    })
final class CheckCommand extends RecordingsCommand {
  private final List<Rule> rules = new ArrayList<>();

  @Option(
      names = "--allow-lost",
      description = {
        "pass recordings that are incomplete: by lost records, an unreadable part, disabled or"
            + " unsupported events, or polling"
      })
  private boolean allowLost;

  @Option(
      names = "--junit",
      paramLabel = "<file>",
      description = "write the result as a JUnit report, for Jenkins and others")
  private Path junit;

  /** Returns the chosen rules, to add to, in the order of the command line. */
  List<Rule> rules() {
    return rules;
  }

  @Override
  public Integer call() {
    if (rules.isEmpty()) {
      throw wrongUsage("no rule is given; use one or more, such as --no-leaks");
    }
    Check check = new Check(rules, allowLost);
    List<ReadProblem> problems = read(check);
    List<Verdict> verdicts = check.verdicts(problems);
    if (junit != null) {
      JUnitReport.write(verdicts, recordings(), junit);
    }
    try (Output out = Output.standard()) {
      new CheckView(out, terminal()).show(verdicts);
    }
    List<String> failed =
        verdicts.stream().filter(verdict -> !verdict.passed()).map(Verdict::rule).toList();
    if (failed.equals(List.of(Check.COMPLETE)) && !problems.isEmpty()) {
      return Exit.INPUT;
    }
    return failed.isEmpty() ? Exit.OK : Exit.FAILED;
  }
}
