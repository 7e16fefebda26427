// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.Pid;
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
  @Parameters(index = "0", paramLabel = "<pid>", description = "process id of the JVM")
  private Pid pid;

  @Override
  public Integer call() {
    String status = new RunningJvm(pid.value()).load(jar(), RunningJvm.DETACH);
    if (AgentStatus.isAttached(status)) {
      throw new CommandException(Exit.FAILED, "process " + pid + ": " + status);
    }
    System.out.println("detached from process " + pid);
    return Exit.OK;
  }
}
