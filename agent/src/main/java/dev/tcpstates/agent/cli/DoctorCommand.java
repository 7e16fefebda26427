// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.Pid;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says what keeps the agent from working, and what to do about it. */
@Command(
    name = "doctor",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Looks at all that the agent needs, and says for each thing that is missing what to do.",
      "Loads the BPF programs to see that they can be. Exit code 1 if something is missing."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar doctor",
      "  java -jar tcpstates-agent.jar doctor 4711   what would stop the agent in that JVM"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int SUBJECT = 20;

  @ParentCommand private Main parent;

  @Parameters(
      arity = "0..1",
      paramLabel = "<pid>",
      description = "process id of a JVM to look at as well")
  private Pid pid;

  @Mixin private RecordFormat format;

  @Override
  public Integer call() {
    List<Finding> findings = new ArrayList<>(MachineCheck.run());
    if (pid != null) {
      findings.addAll(JvmCheck.run(parent.jar(), pid.value()));
    }
    try (Output out = Output.standard()) {
      RowSink<Finding> sink = format.records(out, Finding.class);
      for (Finding finding : findings) {
        if (sink == null) {
          print(finding, out, parent.terminal());
        } else {
          sink.accept(finding);
        }
      }
    }
    boolean bad = findings.stream().anyMatch(finding -> finding.verdict() == Finding.Verdict.bad);
    return bad ? Exit.FAILED : Exit.OK;
  }

  private static void print(Finding finding, Output out, Terminal terminal) {
    String verdict =
        switch (finding.verdict()) {
          case ok -> "ok    ";
          case note -> "note  ";
          case bad -> "NOT OK";
        };
    String colour = finding.verdict() == Finding.Verdict.bad ? "red" : "green";
    out.line(terminal.styled(colour, verdict) + "  " + pad(finding.subject()) + finding.found());
    if (finding.mend() != null) {
      out.line(" ".repeat(verdict.length() + 2) + pad("") + "-> " + finding.mend());
    }
  }

  private static String pad(String subject) {
    return subject + " ".repeat(Math.max(1, SUBJECT - subject.length()));
  }
}
