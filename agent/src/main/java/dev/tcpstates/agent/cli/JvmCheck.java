// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.live.RunningJvm;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.kernel.facts.Condition;
import dev.tcpstates.agent.kernel.facts.KernelFacts;
import dev.tcpstates.agent.kernel.facts.Privileges;
import dev.tcpstates.agent.kernel.facts.Room;
import dev.tcpstates.agent.kernel.session.BpfSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Checks what would stop the agent in a running JVM. */
final class JvmCheck {
  private static final int FIRST_VERSION = 17;

  private final Path jar;
  private final long pid;
  private final RunningJvm jvm;
  private final List<Finding> findings = new ArrayList<>();

  private JvmCheck(Path jar, long pid) {
    this.jar = jar;
    this.pid = pid;
    this.jvm = new RunningJvm(pid);
  }

  static List<Finding> run(Path jar, long pid) {
    JvmCheck check = new JvmCheck(jar, pid);
    String problem = check.jvm.problem();
    if (problem != null) {
      check.findings.add(
          Finding.bad("process " + pid, problem, "jcmd -l lists the JVMs of this user"));
      return check.findings;
    }
    check.privileges();
    check.clock();
    check.jarInItsFileSystem();
    check.room(check.attach());
    return check.findings;
  }

  /** The conditions of the kernel are the same as for this command. */
  private void privileges() {
    for (Condition condition : Privileges.of(pid, KernelFacts.read()).conditions()) {
      findings.add(Finding.of(condition, false).about("its " + condition.subject()));
    }
  }

  /** An agent that is attached has its share already. */
  private void room(boolean attached) {
    Room room = Room.of(pid);
    for (Condition condition :
        List.of(room.descriptors(), room.memory(BpfSession.DEFAULT_RING_SIZE))) {
      findings.add(Finding.of(condition, attached).about("its " + condition.subject()));
    }
  }

  private void clock() {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(KernelFacts.clockOffset(pid));
    findings.add(
        Finding.ok(
            "its clock",
            seconds == 0
                ? "that of the machine"
                : "a time namespace shifts it by "
                    + seconds
                    + " s, which the agent takes into account"));
  }

  private void jarInItsFileSystem() {
    Path there = Path.of("/proc", Long.toString(pid), "root" + jar.toAbsolutePath());
    boolean visible = !Files.isReadable(Path.of("/proc", "" + pid, "root")) || Files.exists(there);
    findings.add(
        Finding.of(
            visible,
            "the agent's jar",
            visible ? "it sees " + jar : "it doesn't see " + jar,
            "copy the jar into its container, to the same path"));
  }

  /** Returns whether the agent is attached. */
  private boolean attach() {
    Properties properties;
    String status;
    String otherVersion;
    try {
      properties = jvm.systemProperties();
      status = jvm.agentStatus();
      otherVersion = jvm.otherVersion();
    } catch (CommandException e) {
      findings.add(
          Finding.bad(
              "attaching",
              e.getMessage(),
              "run this as the user of that JVM; was it started with"
                  + " -XX:+DisableAttachMechanism?"));
      return false;
    }
    String version = properties.getProperty("java.specification.version", "?");
    findings.add(
        Finding.of(
            version.matches("\\d+") && Integer.parseInt(version) >= FIRST_VERSION,
            "its Java",
            properties.getProperty("java.vm.version", "?"),
            "run it on Java 17 or later"));
    boolean attached = AgentStatus.isAttached(status);
    boolean free = RunningJvm.isWithoutAgent(status);
    findings.add(
        Finding.of(
            attached || free,
            "the agent in it",
            status,
            "do what the message says; then: java -jar tcpstates-agent.jar attach " + pid));
    if (otherVersion != null) {
      findings.add(
          Finding.note(
              "its agent's version",
              otherVersion
                  + "; this jar is "
                  + AgentStatus.version()
                  + ". A JVM keeps the agent that it loaded first, until it ends"));
    }
    return attached;
  }
}
