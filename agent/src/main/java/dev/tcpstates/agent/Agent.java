// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.bpf.BpfException;
import dev.tcpstates.agent.bpf.BpfSession;
import dev.tcpstates.agent.log.StandardErrorProvider;
import dev.tcpstates.agent.record.Recorder;
import dev.tcpstates.agent.sockets.StackRule;
import dev.tcpstates.agent.weave.SocketWeaver;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The agent's life, from the JVM's first call on. */
public final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  /** Once in a JVM's life. */
  private static boolean prepared;

  private Agent() {}

  /**
   * Starts the agent. Whatever is missing, the application can go on without it.
   *
   * @param arguments the agent's options, or {@code null}
   * @param jar the agent's own jar
   * @param required whether the application is not going to start if the agent can't work
   * @param running whether the application has started already
   * @return whether it works; if not, the user has been told why
   */
  public static boolean start(
      String arguments,
      Instrumentation instrumentation,
      Path jar,
      boolean required,
      boolean running) {
    if (AgentStatus.isAttached()) {
      LOG.warn("already recording in this JVM; detach first to change the options");
      return true;
    }
    String problem;
    try {
      problem = run(arguments, instrumentation, jar, running);
    } catch (Throwable t) {
      LOG.debug("what went wrong", t);
      problem =
          "unexpected "
              + t
              + "; please report this with your JDK's version, "
              + System.getProperty("java.vm.version");
    }
    AgentStatus.set(problem == null ? AgentStatus.ATTACHED : problem);
    if (problem != null) {
      if (required) {
        // With log=off too: a JVM that ends without a word helps nobody.
        StandardErrorProvider.atLeast(Level.ERROR);
      }
      LOG.error(
          "{}. {}",
          problem,
          required
              ? "The application is not started, because required=true."
              : "The application runs without the agent.");
    }
    return problem == null;
  }

  /** Ends what {@link #start} started; the agent can be started again. Not twice at a time. */
  public static void stop() {
    if (AgentStatus.isAttached()) {
      Tracing.stop();
      AgentStatus.set("detached");
      LOG.info("detached");
    }
  }

  /** Returns what is in the way, or {@code null}. */
  private static String run(
      String arguments, Instrumentation instrumentation, Path jar, boolean running)
      throws Exception {
    String problem = null;
    Options options = Options.DEFAULTS;
    try {
      options = Options.parse(arguments, System.getProperties());
    } catch (OptionException e) {
      problem = e.getMessage();
    }
    StandardErrorProvider.level(options.log());
    if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
      return join(
          problem,
          "this JVM has no Flight Recorder; start it with --add-modules jdk.jfr, or give that"
              + " module to jlink");
    }
    if (!FlightRecorder.isAvailable()) {
      return join(
          problem, "Flight Recorder is switched off; start the JVM without -XX:-FlightRecorder");
    }
    if (!prepared) {
      BootClasses.open(instrumentation);
      BootClasses.define(jar);
      prepared = true;
    }
    return Tracing.start(options, problem, instrumentation, running);
  }

  private static String join(String problem, String other) {
    return problem == null ? other : problem + "; " + other;
  }

  /** What links to boot classes, and so may be loaded only once these are defined. */
  private static final class Tracing {
    private static Recorder recorder;
    private static String missingHooks;

    static String start(
        Options options, String problem, Instrumentation instrumentation, boolean running)
        throws Exception {
      // Kernel and JFR take as long as each other, and need nothing of each other.
      FutureTask<BpfSession> kernelSide = null;
      if (problem == null) {
        kernelSide = inBackground(() -> openAndWeave(options, instrumentation, running));
      }
      try {
        if (recorder == null) {
          recorder =
              new Recorder(Agent.class.getModule().getDescriptor().rawVersion().orElse(null));
        }
      } catch (Throwable t) {
        giveBack(kernelSide);
        throw t;
      }
      recorder.options(options.toString());
      String reason = problem == null ? attach(options, kernelSide) : problem;
      if (reason != null) {
        recorder.notAttached(reason);
      }
      return reason;
    }

    private static <T> FutureTask<T> inBackground(Callable<T> work) {
      FutureTask<T> task = new FutureTask<>(work);
      Thread thread = new Thread(null, task, "tcpstates start", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
      return task;
    }

    private static void giveBack(Future<BpfSession> kernelSide) throws InterruptedException {
      try {
        if (kernelSide != null) {
          kernelSide.get().close();
        }
      } catch (ExecutionException e) {
        // There is nothing to give back; why JFR failed says more.
      }
    }

    private static BpfSession openAndWeave(
        Options options, Instrumentation instrumentation, boolean running) throws BpfException {
      BpfSession session = BpfSession.open(options.ringSize());
      if (missingHooks == null) {
        // Once in a JVM's life: woven methods stay, and without a listener only look at a field.
        missingHooks = new SocketWeaver(instrumentation).weave(running);
      }
      return session;
    }

    private static String attach(Options options, Future<BpfSession> kernelSide) throws Exception {
      BpfSession session;
      try {
        session = kernelSide.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof BpfException refused) {
          return refused.getMessage();
        }
        throw e;
      }
      StackRule rule = new StackRule(options.appPackages(), options.skipPackages());
      SocketHooks.listener(
          recorder.attach(
              session,
              options.stackDepth(),
              rule,
              options.stuckAfter().toNanos(),
              options.throughputTop()));
      recorder.hooked();
      recorder.hooks(missingHooks.isEmpty() ? "all" : "missing: " + missingHooks);
      int pid = session.pid();
      String libbpf = session.libbpfVersion();
      if (missingHooks.isEmpty()) {
        LOG.info("recording the TCP transitions of process {} (libbpf {})", pid, libbpf);
      } else {
        LOG.warn(
            "recording the TCP transitions of process {} (libbpf {}), but not who opened some of"
                + " the sockets, for this JDK lacks: {}. Please report this with its version, {}.",
            pid,
            libbpf,
            missingHooks,
            System.getProperty("java.vm.version"));
      }
      return null;
    }

    static void stop() {
      SocketHooks.listener(null);
      recorder.detach();
    }
  }
}
