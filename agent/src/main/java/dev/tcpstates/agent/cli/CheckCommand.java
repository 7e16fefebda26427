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
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Holds recordings against rules, for pipelines. */
@Command(
    name = "check",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    sortOptions = false,
    description = {
      "Checks recordings against rules. For each broken rule it prints the sockets and the code"
          + " that opened them. It also fails if the agent did not record, or if records are"
          + " missing: nothing is proven then.",
      "",
      "Where the agent polled the sockets (AgentState.mode is SAMPLED), these rules can still be"
          + " proven: --no-leaks, --max-connections, --max-connections-per-site,"
          + " --no-connections-from and --min-connections. Each other rule fails."
    },
    footer = {
      "",
      "A duration is a number and ns, us, ms, s, min or h. Only what is in the recording"
          + " counts: a connection that began before it may have any opener.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar check --no-leaks --max-resets 0 app.jfr",
      "  java -jar tcpstates-agent.jar check --max-handshake 50ms --max-connections-per-site 10"
          + " --junit target/surefire-reports/TEST-tcpstates.xml app.jfr"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK + ":every rule is kept",
      Exit.FAILED + ":a rule is broken, or the agent did not record everything",
      Exit.USAGE + ":the command line is wrong",
      Exit.INPUT + ":the recording can't be read, or only a part of it, and that keeps the rules",
      Exit.DEFECT + ":a defect of this program"
    })
final class CheckCommand implements Callable<Integer> {
  @ParentCommand private Main parent;

  @Spec private CommandSpec spec;

  @Mixin private CheckRules rules;

  @Option(
      names = "--allow-lost",
      description = {
        "lets a recording pass from which something is missing: lost events, a part that can't be"
            + " read, events that were disabled or that the kernel refused, or that polls"
            + " can't see"
      })
  private boolean allowLost;

  @Option(
      names = "--junit",
      paramLabel = "<file>",
      description = "writes the outcome as a JUnit report, which Jenkins and others read")
  private Path junit;

  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>",
      description = "recordings (.jfr), and directories of them")
  private List<Path> recordings;

  @Override
  public Integer call() {
    List<Rule> chosen = rules.chosen();
    if (chosen.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "no rule is given; take one or more, such as --no-leaks");
    }
    Check check = new Check(chosen, allowLost);
    List<ReadProblem> problems =
        new RecordingInput(parent.terminal()).read(recordings, reading -> reading.read(check));
    List<Verdict> verdicts = check.verdicts(problems);
    if (junit != null) {
      JUnitReport.write(verdicts, recordings, junit);
    }
    try (Output out = Output.standard()) {
      new CheckView(out, parent.terminal()).show(verdicts);
    }
    List<String> failed =
        verdicts.stream().filter(verdict -> !verdict.passed()).map(Verdict::rule).toList();
    if (failed.equals(List.of(Check.COMPLETE)) && !problems.isEmpty()) {
      return Exit.INPUT;
    }
    return failed.isEmpty() ? Exit.OK : Exit.FAILED;
  }
}
