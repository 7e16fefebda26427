// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.view.CommandException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A running JVM, for people.
 *
 * @param main its main class, or the path of its jar
 * @param agent whether the agent records in it, and how
 * @param recording the names of its running recordings; null if there is none
 */
public record JvmState(long pid, String main, String agent, String recording) {
  private static final int SECONDS = 10;
  private static final Pattern RUNNING = Pattern.compile("name=(.*?)(?: \\S+=\\S+)* \\(running\\)");

  /**
   * Asks all JVMs of this user at the same time, each for 10 s at most.
   *
   * @throws CommandException if this Java can't list them
   */
  public static List<JvmState> all() {
    List<CompletableFuture<JvmState>> asked = RunningJvm.all().stream().map(JvmState::ask).toList();
    return asked.stream().map(CompletableFuture::join).toList();
  }

  private static CompletableFuture<JvmState> ask(Jvm jvm) {
    CompletableFuture<JvmState> answer = new CompletableFuture<>();
    Thread thread = new Thread(() -> answer.complete(of(jvm)), "tcpstates-ask");
    thread.setDaemon(true);
    thread.start();
    return answer.completeOnTimeout(
        new JvmState(jvm.pid(), jvm.main(), "no answer", null), SECONDS, TimeUnit.SECONDS);
  }

  private static JvmState of(Jvm jvm) {
    try {
      RunningJvm running = new RunningJvm(jvm.pid());
      String agent = agent(running.agentStatus());
      // Without a repository there was no recording yet, and JFR.check would load JFR.
      boolean mayRecord = running.systemProperties().getProperty("jdk.jfr.repository") != null;
      return new JvmState(jvm.pid(), jvm.main(), agent, mayRecord ? recordings(jvm) : null);
    } catch (CommandException e) {
      return new JvmState(jvm.pid(), jvm.main(), "unknown", null);
    }
  }

  private static String agent(String status) {
    if (AgentStatus.isAttached(status)) {
      return status.equals(AgentStatus.ATTACHED) ? "attached" : "sampling";
    }
    return RunningJvm.isWithoutAgent(status) ? "no" : "failed";
  }

  private static String recordings(Jvm jvm) {
    String names =
        RUNNING
            .matcher(Jcmd.run(jvm.pid(), List.of("JFR.check")))
            .results()
            .map(recording -> recording.group(1))
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? null : names;
  }
}
