// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CheckView;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.FleetCheckView;
import dev.tcpstates.agent.cli.view.FleetVerdicts;
import dev.tcpstates.agent.cli.view.JUnitReport;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.analysis.Check;
import dev.tcpstates.jfr.analysis.Verdict;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
          + " --no-connections-from and --min-connections.",
      "",
      "If the recordings are those of several JVMs, each JVM is checked by itself: a limit is that"
          + " of one JVM. The command then prints one row per JVM, the failed ones first, and for"
          + " each failed rule the lines of code that broke it in most JVMs."
    },
    footer = {
      "",
      "A narrow terminal drops columns of the table of JVMs in this order: PID, MAIN CLASS. -w"
          + " keeps them.",
      "",
      "A <time> is a number and ns, us, ms, s, min or h. A connection that began before the"
          + " recording may have an unknown opener.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar check --no-leaks --max-resets 0 app.jfr",
      "  java -jar tcpstates-agent.jar check --no-leaks --for 1min 4711",
      "  java -jar tcpstates-agent.jar check --no-leaks --max-open 500 fleet/   one row per JVM",
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
  private final List<ChosenRule> rules = new ArrayList<>();

  @Option(
      names = "--allow-lost",
      description = {
        "pass recordings that are incomplete: by lost records, an unreadable part, disabled or"
            + " unsupported events, or polling"
      })
  private boolean allowLost;

  @Option(
      names = "--allow-empty",
      description = "pass a limit of a duration that no connection of the recording has")
  private boolean allowEmpty;

  @Option(
      names = "--junit",
      paramLabel = "<file>",
      description = "write the result as a JUnit report, for Jenkins and others")
  private Path junit;

  @Mixin private TogetherOption together;
  @Mixin private WideOption wide;

  /** Returns the chosen rules, to add to, in the order of the command line. */
  List<ChosenRule> rules() {
    return rules;
  }

  @Override
  public Integer call() {
    if (rules.isEmpty()) {
      throw wrongUsage("no rule is given; use one or more, such as --no-leaks");
    }
    List<TcpRecordings.OfJvm> jvms = together.isTogether() ? List.of() : severalJvms();
    if (!jvms.isEmpty()) {
      return check(jvms);
    }
    Check check = check();
    List<ReadProblem> problems = read(check);
    List<Verdict> verdicts = check.verdicts(problems);
    if (junit != null) {
      try (JUnitReport report = JUnitReport.ofOneSuite(junit)) {
        report.add("tcpstates.check", verdicts, names());
      }
    }
    try (Output out = Output.standard()) {
      new CheckView(out, terminal()).show(verdicts);
    }
    return exit(verdicts, problems.isEmpty());
  }

  private Check check() {
    return new Check(ChosenRule.create(rules), allowLost, allowEmpty);
  }

  private static int exit(List<Verdict> verdicts, boolean complete) {
    List<String> failed =
        verdicts.stream().filter(verdict -> !verdict.passed()).map(Verdict::rule).toList();
    if (failed.equals(List.of(Check.COMPLETE)) && !complete) {
      return Exit.INPUT;
    }
    return failed.isEmpty() ? Exit.OK : Exit.FAILED;
  }

  private int check(List<TcpRecordings.OfJvm> jvms) {
    FleetVerdicts fleet = new FleetVerdicts();
    // One that failed is worse than one that can't be read.
    int[] worst = {Exit.OK};
    try (JUnitReport report = junit == null ? null : JUnitReport.ofSuites(junit)) {
      readEach(
          jvms,
          new RecordingInput.JvmReading() {
            @Override
            public void read(TcpRecordings recordings) throws IOException {
              JvmOfHandler jvm = new JvmOfHandler();
              Check check = check();
              List<ReadProblem> problems = recordings.read(jvm, check);
              add(recordings.files(), jvm.info(), check.verdicts(problems), problems.isEmpty());
            }

            @Override
            public void unreadable(TcpRecordings recordings, String reason) {
              add(
                  recordings.files(),
                  null,
                  List.of(new Verdict(Check.COMPLETE, false, reason, List.of(), 0)),
                  false);
            }

            private void add(
                List<Path> files, JvmInfo jvm, List<Verdict> verdicts, boolean complete) {
              List<String> names = files.stream().map(Path::toString).toList();
              fleet.add(names, jvm, verdicts);
              if (report != null) {
                report.add("tcpstates.check " + names.get(0), verdicts, names);
              }
              int exit = exit(verdicts, complete);
              worst[0] = worst[0] == Exit.FAILED || exit == Exit.OK ? worst[0] : exit;
            }
          });
    }
    try (Output out = Output.standard()) {
      new FleetCheckView(out, terminal(), wide.isWide()).show(fleet);
    }
    return worst[0];
  }

  /** Keeps the JVM of a recording. */
  private static final class JvmOfHandler implements TcpEventHandler {
    private JvmInfo info;

    @Override
    public void jvm(JvmInfo jvm) {
      info = jvm;
    }

    JvmInfo info() {
      return info;
    }
  }
}
