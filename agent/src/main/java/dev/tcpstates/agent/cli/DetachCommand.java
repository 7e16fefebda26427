// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.Pid;
import dev.tcpstates.agent.cli.live.RunningJvm;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Ends the agent's tracing in a JVM that runs. */
@Command(
    name = "detach",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {"Ends the agent's tracing in a running JVM; recordings go on without it."},
    footer = {"", "Example:", "  java -jar tcpstates-agent.jar detach 4711"})
public final class DetachCommand implements Callable<Integer> {
  @ParentCommand private Main parent;

  @Parameters(index = "0", paramLabel = "<pid>", description = "process id of the JVM")
  private Pid pid;

  @Override
  public Integer call() {
    String status = new RunningJvm(pid.value()).load(parent.jar(), RunningJvm.DETACH);
    if (AgentStatus.isAttached(status)) {
      throw new CommandException(Exit.FAILED, "process " + pid + ": " + status);
    }
    System.out.println("detached from process " + pid);
    return Exit.OK;
  }
}
