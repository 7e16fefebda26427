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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;

/** Another JVM, reached by the JDK's attach mechanism. Each failure becomes one line. */
public final class RunningJvm {
  /** Ends the tracing if it is given instead of options. */
  public static final String DETACH = "detach";

  private static final String CAUGHT = "SigCgt:";
  private static final long SIGQUIT = 1 << 3 - 1;

  private final long pid;

  public RunningJvm(long pid) {
    this.pid = pid;
  }

  private interface Work<T> {
    T with(VirtualMachine jvm) throws IOException, AgentLoadException, AgentInitializationException;
  }

  /** Returns {@link AgentStatus#ATTACHED}, or why the agent is not attached to that JVM. */
  public String agentStatus() {
    return attach(null, RunningJvm::status);
  }

  public Properties systemProperties() {
    return attach(null, VirtualMachine::getSystemProperties);
  }

  /**
   * Loads the agent, if necessary, and passes options to it.
   *
   * @return the agent's status after that
   */
  public String load(Path jar, String options) {
    return attach(
        jar,
        jvm -> {
          jvm.loadAgent(jar.toString(), options);
          return status(jvm);
        });
  }

  private <T> T attach(Path jar, Work<T> work) {
    String problem = problem();
    if (problem != null) {
      throw failed("can't attach to process " + pid + ": " + problem);
    }
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

  private static String status(VirtualMachine jvm) throws IOException {
    return jvm.getAgentProperties().getProperty(AgentStatus.PROPERTY, "not loaded");
  }

  /**
   * Returns why the process can't be attached to, or {@code null}. Checked first, because the JDK
   * sends a SIGQUIT to attach, which ends a process that has no handler for it.
   */
  public String problem() {
    Path process = Path.of("/proc", Long.toString(pid));
    if (ModuleLayer.boot().findModule("jdk.attach").isEmpty()) {
      return "this Java lacks the module jdk.attach; use a JDK's java";
    }
    if (!Files.isDirectory(process)) {
      return "there is no such process";
    }
    try (Stream<String> maps = Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1);
        Stream<String> status =
            Files.lines(process.resolve("status"), StandardCharsets.ISO_8859_1)) {
      if (maps.noneMatch(line -> line.contains("/libjvm.so"))) {
        return "it is not a JVM";
      }
      boolean ready =
          status
              .filter(line -> line.startsWith(CAUGHT))
              .map(line -> Long.parseUnsignedLong(line.substring(CAUGHT.length()).strip(), 16))
              .anyMatch(signals -> (signals & SIGQUIT) != 0);
      return ready ? null : "it is not ready, or was started with -Xrs; try again in a second";
    } catch (IOException | UncheckedIOException e) {
      return "it can't be read (" + e + "); try as the user that it runs as";
    }
  }
}
