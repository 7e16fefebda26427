// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import dev.tcpstates.agent.AgentStatus;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.consumer.EventStream;

/**
 * Follows a running JVM. It attaches the agent, if the JVM does not have it, and starts a separate
 * recording. It reads the chunks that JFR writes to disk each second, so it opens no port. At the
 * end (Ctrl-C, a signal, or the JVM's end) it restores the JVM to its state before.
 */
public final class LiveJvm {
  /** The most that JFR keeps on disk for this recording. */
  private static final String MAX_SIZE = "32M";

  private static final int JCMD_SECONDS = 60;

  /** The time for JFR to write the rest when the JVM ends. */
  private static final int LAST_MILLIS = 1500;

  private final Path jar;
  private final long pid;
  private final RunningJvm jvm;
  private final String recording;
  private volatile boolean attached;
  private volatile boolean started;
  private boolean cleaned;

  public LiveJvm(Path jar, long pid) {
    this.jar = jar;
    this.pid = pid;
    this.jvm = new RunningJvm(pid);
    this.recording = "tcpstates-" + ProcessHandle.current().pid();
  }

  /**
   * Handles the events from now on.
   *
   * @param settings of the required events, such as {@code tcpstates.StateChange#enabled=true}
   * @param out what the handler writes to; flushed after each read
   * @return {@link Exit#OK}, after the JVM's end
   */
  public int follow(List<String> settings, TcpEventHandler handler, Output out) {
    Thread hook = new Thread(() -> interrupted(out), "tcpstates-end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      prepare(settings);
      follow(handler, out);
    } finally {
      cleanUp();
      forget(hook);
    }
    return Exit.OK;
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook runs.
    }
  }

  private void prepare(List<String> settings) {
    if (!AgentStatus.isAttached(jvm.agentStatus())) {
      // Set before it is true, because a signal may come in between.
      attached = true;
      String status = jvm.load(jar, "");
      if (!AgentStatus.isAttached(status)) {
        throw new CommandException(Exit.FAILED, "process " + pid + ": " + status);
      }
    }
    List<String> command = new ArrayList<>();
    command.add("JFR.start");
    command.add("name=" + recording);
    command.add("settings=none");
    command.add("disk=true");
    command.add("maxsize=" + MAX_SIZE);
    settings.forEach(setting -> command.add("+" + setting));
    command.add("+tcpstates.RecordsLost#enabled=true");
    command.add("+" + DataLoss.NAME + "#enabled=true");
    started = true;
    String answer = jcmd(command);
    if (!answer.contains("Started recording")) {
      throw new CommandException(
          Exit.FAILED, "process " + pid + " started no recording: " + lastLine(answer));
    }
  }

  private void follow(TcpEventHandler handler, Output out) {
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Properties properties = jvm.systemProperties();
    Notices notices = new Notices();
    try (EventStream stream = EventStream.openRepository(repository(properties))) {
      stream.setStartTime(Instant.now());
      stream.onError(
          error -> {
            failure.compareAndSet(null, error);
            end.countDown();
          });
      handler.jvm(info(properties));
      TcpRecordings.follow(
          stream,
          handler,
          notices,
          new TcpEventHandler() {
            @Override
            public void flushed() {
              out.flush();
              notices.printLosses();
            }
          });
      stream.startAsync();
      System.err.println("following process " + pid + "; Ctrl-C ends it");
      ProcessHandle.of(pid)
          .ifPresentOrElse(process -> process.onExit().thenRun(end::countDown), end::countDown);
      end.await();
      if (failure.get() == null) {
        Thread.sleep(LAST_MILLIS);
        System.err.println(
            "process " + pid + " has ended; events of its last second may be missing here");
      }
    } catch (IOException e) {
      throw new CommandException(Exit.INPUT, "can't read what JFR writes: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() instanceof RuntimeException e) {
      throw e;
    }
  }

  private JvmInfo info(Properties properties) {
    String command = properties.getProperty("sun.java.command", "");
    return new JvmInfo(
        pid,
        null,
        properties.getProperty("java.vm.version"),
        command.isBlank() ? null : command.split(" ", 2)[0]);
  }

  /** Returns the path of the JVM's JFR repository from here: that JVM may be in a container. */
  private Path repository(Properties properties) {
    String path = properties.getProperty("jdk.jfr.repository");
    if (path == null) {
      throw new CommandException(
          Exit.FAILED, "process " + pid + " does not say where JFR writes to");
    }
    Path here = Path.of(path);
    Path there = Path.of("/proc", Long.toString(pid), "root" + path);
    return Files.isDirectory(here) ? here : there;
  }

  /** Ends on a signal: handles no more events, and exits with success. */
  private void interrupted(Output out) {
    cleanUp();
    try {
      out.flush();
    } catch (RuntimeException e) {
      // The reading program has ended.
    }
    Runtime.getRuntime().halt(Exit.OK);
  }

  private synchronized void cleanUp() {
    if (cleaned) {
      return;
    }
    cleaned = true;
    if (!ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
      return;
    }
    try {
      if (started) {
        jcmd(List.of("JFR.stop", "name=" + recording));
      }
      if (attached) {
        jvm.load(jar, RunningJvm.DETACH);
      }
    } catch (CommandException e) {
      System.err.println("process " + pid + " keeps the agent: " + e.getMessage());
    }
  }

  /** Runs jcmd as a process, because the JDK has no other way that needs no port. */
  private String jcmd(List<String> words) {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    List<String> command = new ArrayList<>(List.of(program.toString(), Long.toString(pid)));
    command.addAll(words);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String answer = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(JCMD_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return answer;
    } catch (IOException e) {
      throw new CommandException(
          Exit.FAILED, "can't run " + program + ": " + e.getMessage() + "; use a JDK's java");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static String lastLine(String text) {
    String[] lines = text.strip().split("\n");
    return lines[lines.length - 1];
  }
}
