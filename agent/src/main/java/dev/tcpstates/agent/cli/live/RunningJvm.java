// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * Another JVM, reached by the JDK's attach mechanism. Each failure becomes one line. Refers to no
 * class of the module jdk.attach, so that a Java without it can load this class, and say so.
 */
public final class RunningJvm {
  /** Ends the tracing if it is given instead of options. */
  public static final String DETACH = "detach";

  /** The status of a JVM that the agent never was in. */
  static final String NOT_LOADED = "not loaded";

  private static final String NO_ATTACH = "this Java lacks the module jdk.attach; use a JDK's java";
  private static final String CAUGHT = "SigCgt:";
  private static final long SIGQUIT = 1 << 3 - 1;

  private final long pid;

  public RunningJvm(long pid) {
    this.pid = pid;
  }

  /**
   * Returns the JVMs of this user, and as root all, without those that run this command.
   *
   * @throws CommandException if this Java can't list them
   */
  static List<Jvm> all() {
    requireAttach();
    return Attachment.jvms();
  }

  /** Whether this Java has what lists JVMs. */
  static boolean canList() {
    return ModuleLayer.boot().findModule("jdk.attach").isPresent();
  }

  private static void requireAttach() {
    if (!canList()) {
      throw new CommandException(Exit.FAILED, NO_ATTACH);
    }
  }

  /** Whether a status says that the agent is not there, for it never was, or was detached. */
  public static boolean isWithoutAgent(String status) {
    return status.equals(NOT_LOADED) || status.equals("detached");
  }

  public long pid() {
    return pid;
  }

  /**
   * Returns an absolute path, in that JVM's file system, from here: that JVM may be in a container.
   */
  Path seenFromHere(Path path) {
    Path there = Path.of("/proc", Long.toString(pid), "root").resolve("." + path);
    try {
      // The short one also exists after the JVM's end.
      return Files.isReadable(there) && !(Files.exists(path) && Files.isSameFile(path, there))
          ? there
          : path;
    } catch (IOException e) {
      return path;
    }
  }

  boolean isAlive() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Runs an action when the JVM has ended. */
  void onExit(Runnable action) {
    ProcessHandle.of(pid).ifPresentOrElse(process -> process.onExit().thenRun(action), action);
  }

  /** Returns {@link AgentStatus#ATTACHED}, or why the agent is not attached to that JVM. */
  public String agentStatus() {
    return attachment().status();
  }

  /** Returns the options in effect while the agent is attached. */
  public String agentOptions() {
    return attachment().options();
  }

  /**
   * Returns the version of that JVM's agent if it is not this one: a JVM keeps the agent that it
   * loaded first. Else returns null.
   */
  public String otherVersion() {
    String version = attachment().agentVersion();
    return AgentStatus.version().equals(version) ? null : version;
  }

  public Properties systemProperties() {
    return attachment().systemProperties();
  }

  /**
   * Loads the agent, if necessary, and passes options to it.
   *
   * @return the agent's status after that
   */
  public String load(Path jar, String options) {
    return attachment().load(jar, options);
  }

  private Attachment attachment() {
    String problem = problem();
    if (problem != null) {
      throw new CommandException(Exit.FAILED, "can't attach to process " + pid + ": " + problem);
    }
    return new Attachment(pid);
  }

  /**
   * Returns why the process can't be attached to, or {@code null}. Checked first, because the JDK
   * sends a SIGQUIT to attach, which ends a process that has no handler for it.
   */
  public String problem() {
    Path process = Path.of("/proc", Long.toString(pid));
    if (!canList()) {
      return NO_ATTACH;
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
