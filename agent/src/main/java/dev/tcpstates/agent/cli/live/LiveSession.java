// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A recording in a running JVM. The agent is attached if the JVM does not have it. The end restores
 * the JVM to its state before, also if this process is killed.
 */
final class LiveSession implements AutoCloseable {
  /**
   * The start of the names of recordings in a JVM to which a command attached the agent. The last
   * command detaches it.
   */
  private static final String ATTACHED = "tcpstates-attached-";

  private static final String NOT_ATTACHED = "tcpstates-";

  private final Path jar;
  private final long pid;
  private final RunningJvm jvm;
  private final Path folder;
  private volatile String recording;
  private volatile boolean attached;
  private volatile boolean started;
  private volatile CleanUpShell guard;
  private boolean closed;

  /**
   * @param folder the folder to delete if this process is killed; null if there is none
   */
  LiveSession(Path jar, RunningJvm jvm, Path folder) {
    this.jar = jar;
    this.pid = jvm.pid();
    this.jvm = jvm;
    this.folder = folder;
  }

  /**
   * Starts the recording.
   *
   * @param words arguments of JFR.start besides the name and the settings
   * @param settings of the events, such as {@code tcpstates.StateChange#enabled=true}
   */
  void start(List<String> words, List<String> settings) {
    Jcmd.require();
    boolean wasAttached = AgentStatus.isAttached(jvm.agentStatus());
    // Set before it is true, because a signal may come in between.
    attached = !wasAttached || hasAttachedOthers();
    recording = (attached ? ATTACHED : NOT_ATTACHED) + ProcessHandle.current().pid();
    guard =
        CleanUpShell.start(Jcmd.path(), pid, recording, attached ? jar : null, ATTACHED, folder);
    if (!wasAttached) {
      String status;
      try {
        status = jvm.load(jar, "");
      } catch (CommandException e) {
        attached = false; // it can't be detached either
        throw e;
      }
      if (!AgentStatus.isAttached(status)) {
        throw new CommandException(Exit.FAILED, "process " + pid + ": " + status);
      }
    }
    List<String> command = new ArrayList<>();
    command.add("JFR.start");
    command.add("name=" + recording);
    command.add("settings=none");
    command.add("disk=true");
    command.addAll(words);
    settings.forEach(setting -> command.add("+" + setting));
    started = true;
    String answer = Jcmd.run(pid, command);
    if (!answer.contains("Started recording")) {
      started = false;
      throw new CommandException(
          Exit.FAILED, "process " + pid + " started no recording: " + lastLine(answer));
    }
  }

  /**
   * Stops the recording, which JFR then writes to its file if it has one.
   *
   * @throws CommandException if the JVM does not confirm it
   */
  void stop() {
    if (!started) {
      return;
    }
    String answer = Jcmd.run(pid, List.of("JFR.stop", "name=" + recording));
    // A second Ctrl-C ends jcmd, too.
    if (!answer.contains("Stopped recording") && jvm.isAlive()) {
      throw new CommandException(
          Exit.FAILED, "process " + pid + " did not stop the recording: " + lastLine(answer));
    }
    started = false;
  }

  /** Stops the recording, and detaches the agent if a command attached it and no other needs it. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!jvm.isAlive()) {
      closeGuard();
      return;
    }
    try {
      stop();
      if (attached && !hasAttachedOthers()) {
        jvm.load(jar, RunningJvm.DETACH);
      }
      closeGuard();
    } catch (CommandException e) {
      System.err.println(
          e.getMessage()
              + (guard == null
                  ? "; process " + pid + " keeps the recording and the agent"
                  : "; a separate shell restores process " + pid + " after this command"));
    }
  }

  private void closeGuard() {
    if (guard != null) {
      guard.close();
    }
  }

  /** Whether other commands record in this JVM, one of which attached the agent. */
  private boolean hasAttachedOthers() {
    return Jcmd.run(pid, List.of("JFR.check")).contains("name=" + ATTACHED);
  }

  private static String lastLine(String text) {
    String[] lines = text.strip().split("\n");
    return lines[lines.length - 1];
  }
}
