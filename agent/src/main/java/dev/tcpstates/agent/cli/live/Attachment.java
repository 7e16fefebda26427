// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;

/** Calls the JDK's attach mechanism, a connection per call. Can't be loaded without jdk.attach. */
final class Attachment {
  private static final String JAR = "tcpstates-agent.jar";

  private final long pid;

  Attachment(long pid) {
    this.pid = pid;
  }

  private interface Work<T> {
    T with(VirtualMachine jvm) throws IOException, AgentLoadException, AgentInitializationException;
  }

  /** Returns the JVMs that can be attached to, by process id, without those of this jar. */
  static List<Jvm> jvms() {
    return VirtualMachine.list().stream()
        .map(jvm -> new Jvm(Long.parseLong(jvm.id()), jvm.displayName().split(" ", 2)[0]))
        .filter(jvm -> jvm.pid() != ProcessHandle.current().pid() && !jvm.main().endsWith(JAR))
        .sorted(Comparator.comparing(Jvm::pid))
        .toList();
  }

  /** Returns the status of the agent in that JVM. */
  String status() {
    return call(null, Attachment::status);
  }

  /** Returns the options of the agent in that JVM; empty if it is not attached. */
  String options() {
    return call(null, jvm -> jvm.getAgentProperties().getProperty(AgentStatus.OPTIONS, ""));
  }

  /** Returns the version of the agent in that JVM, or null if none was loaded. */
  String agentVersion() {
    return call(null, jvm -> jvm.getAgentProperties().getProperty(AgentStatus.VERSION));
  }

  Properties systemProperties() {
    return call(null, VirtualMachine::getSystemProperties);
  }

  /** Loads the agent, if necessary, passes options to it, and returns its status after that. */
  String load(Path jar, String options) {
    return call(
        jar,
        jvm -> {
          jvm.loadAgent(jar.toString(), options);
          return status(jvm);
        });
  }

  private static String status(VirtualMachine jvm) throws IOException {
    return jvm.getAgentProperties().getProperty(AgentStatus.PROPERTY, RunningJvm.NOT_LOADED);
  }

  private <T> T call(Path jar, Work<T> work) {
    try {
      VirtualMachine jvm = VirtualMachine.attach(Long.toString(pid));
      try {
        return work.with(jvm);
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | IOException e) {
      throw failed(
          "can't attach to process "
              + pid
              + ": "
              + e.getMessage()
              + "; is it a JVM, and of this user?");
    } catch (AgentLoadException | AgentInitializationException e) {
      throw failed(
          "process "
              + pid
              + " can't load "
              + jar
              + ": "
              + e.getMessage()
              + "; does it see that file, and run Java 17 or later?");
    }
  }

  private static CommandException failed(String message) {
    return new CommandException(Exit.FAILED, message);
  }
}
