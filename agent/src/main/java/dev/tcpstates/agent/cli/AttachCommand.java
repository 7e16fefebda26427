// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.Pid;
import dev.tcpstates.agent.cli.live.RunningJvm;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
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
    })
final class AttachCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "<pid>", description = "process id of the JVM")
  private Pid pid;

  @Parameters(
      index = "1",
      arity = "0..1",
      defaultValue = "",
      paramLabel = "<key=value,...>",
      description = "the agent's options, as after -javaagent:tcpstates-agent.jar=")
  private String options;

  @Override
  public Integer call() {
    RunningJvm jvm = new RunningJvm(pid.value());
    if (AgentStatus.isAttached(jvm.agentStatus())) {
      System.out.println(
          "already attached to process "
              + pid
              + ", nothing changed; to change the options, detach first");
      return Exit.OK;
    }
    String status = jvm.load(jar(), options);
    if (!AgentStatus.isAttached(status)) {
      throw new CommandException(Exit.FAILED, "process " + pid + ": " + status);
    }
    if (!status.equals(AgentStatus.ATTACHED)) {
      System.out.println("process " + pid + ": " + status);
    }
    System.out.println("attached to process " + pid + "; to record: jcmd " + pid + " JFR.start");
    return Exit.OK;
  }
}
