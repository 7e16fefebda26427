// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentOptions;
import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.JvmName;
import dev.tcpstates.agent.cli.live.RunningJvm;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Loads the agent into a running JVM. */
@Command(
    name = "attach",
    description = {"Loads the agent into a running JVM of the same user."},
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar attach 4711",
      "  java -jar tcpstates-agent.jar attach 4711 stackDepth=32,log=warn",
      "",
      "To record then: jcmd 4711 JFR.start"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK + ":the agent is attached, now or before",
      Exit.FAILED + ":it is not, or it was attached before with other options",
      Exit.USAGE + ":the command line or an option of the agent is wrong",
      Exit.DEFECT + ":a defect in this program"
    })
final class AttachCommand extends BaseCommand {
  @Parameters(
      index = "0",
      paramLabel = "<jvm>",
      description = "process id of the JVM, or a part of its main class")
  private JvmName jvm;

  @Parameters(
      index = "1",
      arity = "0..1",
      defaultValue = "",
      paramLabel = "<key=value,...>",
      description = "the agent's options, as after -javaagent:tcpstates-agent.jar=")
  private String options;

  @Override
  public Integer call() {
    RunningJvm running = new RunningJvm(jvm.pid());
    String process = "process " + running.pid();
    AgentOptions given;
    try {
      given = AgentOptions.parse(options, running.systemProperties());
    } catch (IllegalArgumentException e) {
      throw new CommandException(Exit.USAGE, e.getMessage());
    }
    if (AgentStatus.isAttached(running.agentStatus())) {
      return alreadyAttached(process, given.differences(running.agentOptions()));
    }
    String status = running.load(jar(), options);
    if (!AgentStatus.isAttached(status)) {
      throw new CommandException(Exit.FAILED, process + ": " + status);
    }
    String otherVersion = running.otherVersion();
    if (otherVersion != null) {
      System.out.println(
          process
              + " keeps the agent's version "
              + otherVersion
              + ", which it loaded first, until it ends; this jar is "
              + AgentStatus.version());
    }
    if (!status.equals(AgentStatus.ATTACHED)) {
      System.out.println(process + ": " + status);
    }
    System.out.println(
        "attached to " + process + "; to record: jcmd " + running.pid() + " JFR.start");
    return Exit.OK;
  }

  /** Fails if the user wanted something else than what is so. */
  private static int alreadyAttached(String process, List<String> differences) {
    if (differences.isEmpty()) {
      System.out.println("already attached to " + process + ", nothing changed");
      return Exit.OK;
    }
    throw new CommandException(
        Exit.FAILED,
        "already attached to "
            + process
            + " with other options, nothing changed: "
            + String.join("; ", differences)
            + ". To change them, detach first");
  }
}
