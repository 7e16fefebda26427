// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.kernel.libbpf.NativeFolders;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.weave.WeaverLoading;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** The agent's life, from the JVM's first call on. */
public final class Agent {
  private static final Logger LOG = Loggers.of(Agent.class);

  /** Once in a JVM's life. */
  private static boolean prepared;

  /** Is at the second half of the start, or was. */
  private static volatile Thread starter;

  /** Starts the agent again, with the options of the last start. */
  private static volatile Runnable restart;

  private static volatile boolean endedForCheckpoint;

  private Agent() {}

  /**
   * Called by the launcher, as {@code premain} is called by the JVM: since JDK 18, a reflective
   * call of a method with another number of arguments takes 15 ms at first.
   *
   * @param call the arguments of the other {@code start}, and a place for what it returns
   */
  public static void start(Object[] call, Instrumentation instrumentation) {
    call[4] =
        start(
            (String) call[0], instrumentation, (Path) call[1], (String) call[2], (boolean) call[3]);
  }

  /**
   * Starts the agent. Whatever is missing, the application can go on without it.
   *
   * <p>Before {@code main}, only the hooks are put in place here, if nothing needs more at once:
   * the rest is done while the application starts. Until it is done, a thread that opens a TCP
   * socket waits for it, so that nothing is missed.
   *
   * @param arguments the agent's options, or {@code null}
   * @param jar the agent's own jar
   * @param required the value of the option {@code required} if the application is not going to
   *     start where the agent can't work, or {@code null} if it starts in any case
   * @param running whether the application has started already
   * @return {@code false} if it is certain not to work; one line on standard error says why
   */
  private static boolean start(
      String arguments,
      Instrumentation instrumentation,
      Path jar,
      String required,
      boolean running) {
    awaitStart();
    if (AgentStatus.isAttached()) {
      LOG.warn("already recording in this JVM; detach first to change the options");
      return true;
    }
    String problem = null;
    Options options = Options.DEFAULTS;
    WeaverLoading loading = null;
    try {
      options = Options.parse(arguments, System.getProperties());
    } catch (OptionException e) {
      problem = e.getMessage();
    }
    Loggers.level(options.log());
    try {
      if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
        problem =
            join(
                problem,
                "this JVM has no Flight Recorder; start it with --add-modules jdk.jfr, or give that"
                    + " module to jlink");
        return end(problem, required);
      }
      if (problem == null && !running) {
        loading = WeaverLoading.begin();
      }
      if (!prepared) {
        BootClasses.open(instrumentation);
        BootClasses.define(jar);
        prepared = true;
      }
      AgentStatus.options(options);
      if (problem != null) {
        return end(join(problem, Tracing.withoutKernelSide(options, problem)), required);
      }
      if (running) {
        // First what takes long: sockets that are opened between the kernel's side and the end of
        // the start count as older than the agent.
        problem = Tracing.prepareRecorder(options);
        if (problem != null) {
          return end(problem, required);
        }
      }
      NativeFolders.agentJar(jar);
      restart = () -> start(arguments, instrumentation, jar, null, true);
      Checkpoints.register(Agent::beforeCheckpoint, Agent::afterRestore);
      Future<Tracing.Source> kernelSide = Tracing.prepare(options, instrumentation, running);
      if (required != null || running || RuntimeArguments.record()) {
        return end(Tracing.start(options, kernelSide), required);
      }
      startLater(options, kernelSide);
      return true;
    } catch (Throwable t) {
      return end(unexpected(t), required);
    } finally {
      if (loading != null) {
        await(loading);
      }
    }
  }

  private static void startLater(Options options, Future<Tracing.Source> kernelSide) {
    Tracing.holdSockets();
    starter =
        Tracing.inBackground(
            "tcpstates start",
            () -> {
              String problem;
              try {
                problem = Tracing.start(options, kernelSide);
              } catch (Throwable t) {
                problem = unexpected(t);
              } finally {
                Tracing.releaseSockets();
              }
              end(problem, null);
            });
  }

  private static void awaitStart() {
    if (starter != null) {
      await(starter);
    }
  }

  private static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isShuttingDown() {
    Thread probe = new Thread();
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static String unexpected(Throwable t) {
    LOG.debug("what went wrong", t);
    return "unexpected "
        + t
        + "; please report this with your JDK's version, "
        + System.getProperty("java.vm.version");
  }

  /**
   * The start has come to its end. If the JVM is ending, no problem is reported.
   *
   * @param problem why the agent doesn't work, or {@code null}
   */
  private static boolean end(String problem, String required) {
    AgentStatus.set(problem == null ? Tracing.status() : problem);
    if (problem != null && !isShuttingDown()) {
      if (required != null) {
        // With log=off too: a JVM that ends without a word helps nobody.
        Loggers.atLeast(Level.ERROR);
      }
      LOG.error(
          "{}. {}",
          problem,
          required != null
              ? "The application is not started, because required=" + required + "."
              : "The application runs without the agent.");
    }
    return problem == null;
  }

  /** The agent has ended by itself; it can be started again. */
  static void failed(String problem) {
    Tracing.forgetThreads();
    AgentStatus.set(problem);
    LOG.error("{}. The application runs on without the agent.", problem);
  }

  /** Ends what {@link #start} started; the agent can be started again. Not twice at a time. */
  public static void stop() {
    awaitStart();
    if (AgentStatus.isAttached()) {
      Tracing.stop();
      AgentStatus.set("detached");
      LOG.info("detached");
    }
  }

  private static void beforeCheckpoint() {
    awaitStart();
    if (AgentStatus.isAttached()) {
      endedForCheckpoint = true;
      Tracing.stop();
      AgentStatus.set("detached for a checkpoint");
    }
  }

  private static void afterRestore() {
    if (endedForCheckpoint) {
      endedForCheckpoint = false;
      restart.run();
    }
  }

  private static String join(String problem, String other) {
    if (problem == null) {
      return other;
    }
    return other == null ? problem : problem + "; " + other;
  }
}
