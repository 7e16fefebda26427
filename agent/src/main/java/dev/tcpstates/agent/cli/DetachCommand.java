// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.JvmName;
import dev.tcpstates.agent.cli.live.RunningJvm;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Ends the agent's tracing in a running JVM. */
@Command(
    name = "detach",
    description = {"Ends the agent's tracing in a running JVM. Recordings continue without it."},
    footer = {"", "Example:", "  java -jar tcpstates-agent.jar detach 4711"})
final class DetachCommand extends BaseCommand {
  @Parameters(
      index = "0",
      paramLabel = "<jvm>",
      description = "process id of the JVM, or a part of its main class")
  private JvmName jvm;

  @Override
  public Integer call() {
    RunningJvm running = new RunningJvm(jvm.pid());
    String process = "process " + running.pid();
    String before = running.agentStatus();
    if (!AgentStatus.isAttached(before)) {
      System.out.println("nothing to detach from " + process + ": " + why(before));
      return Exit.OK;
    }
    String status = running.load(jar(), RunningJvm.DETACH);
    if (AgentStatus.isAttached(status)) {
      throw new CommandException(Exit.FAILED, process + ": " + status);
    }
    System.out.println("detached from " + process);
    return Exit.OK;
  }

  private static String why(String status) {
    return RunningJvm.isWithoutAgent(status)
        ? "the agent is " + (status.equals("detached") ? "detached already" : "not loaded there")
        : "the agent there does not record: " + status;
  }
}
