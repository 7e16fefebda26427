// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.JvmName;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks what the agent needs, and prints what to do about what is missing. */
@Command(
    name = "doctor",
    description = {
      "Checks what the agent needs, and prints what to do about what is missing.",
      "",
      "The check loads the BPF programs, and removes them again."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar doctor",
      "  java -jar tcpstates-agent.jar doctor 4711   also what would stop the agent in that JVM"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK + ":nothing is missing",
      Exit.FAILED + ":something is missing",
      Exit.USAGE + ":the command line is wrong",
      Exit.DEFECT + ":a defect in this program"
    })
final class DoctorCommand extends BaseCommand {
  private static final int SUBJECT = 20;

  @Parameters(
      arity = "0..1",
      paramLabel = "<jvm>",
      description = "process id of a JVM to check as well, or a part of its main class")
  private JvmName jvm;

  @Option(names = "--node", description = "check what the node program needs instead")
  private boolean node;

  @Mixin private RecordFormat format;

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>(node ? NodeCheck.run() : MachineCheck.run());
    if (jvm != null) {
      findings.addAll(JvmCheck.run(jar(), jvm.pid()));
    }
    try (Output out = Output.standard()) {
      findings.forEach(format.open(out, Finding.class, () -> finding -> print(finding, out)));
    }
    boolean bad = findings.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.bad);
    return bad ? Exit.FAILED : Exit.OK;
  }

  private void print(Finding finding, Output out) {
    String verdict =
        switch (finding.verdict()) {
          case ok -> "ok    ";
          case note -> "note  ";
          case bad -> "NOT OK";
        };
    String colour = finding.verdict() == Finding.Verdict.bad ? "red" : "green";
    int indent = verdict.length() + 2;
    List<String> lines = lines(indent, pad(finding.subject()) + finding.found());
    out.line(terminal().styled(colour, verdict) + lines.get(0).substring(verdict.length()));
    lines.stream().skip(1).forEach(out::line);
    if (finding.mend() != null) {
      lines(indent, pad("") + "-> " + finding.mend()).forEach(out::line);
    }
  }

  private List<String> lines(int indent, String text) {
    return terminal().wrap(" ".repeat(indent) + text, indent + SUBJECT);
  }

  private static String pad(String subject) {
    return subject + " ".repeat(Math.max(1, SUBJECT - subject.length()));
  }
}
