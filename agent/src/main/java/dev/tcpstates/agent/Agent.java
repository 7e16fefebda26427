// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.bpf.BpfException;
import dev.tcpstates.agent.bpf.BpfSession;
import dev.tcpstates.agent.log.StandardErrorProvider;
import dev.tcpstates.agent.record.Recorder;
import dev.tcpstates.agent.weave.SocketWeaver;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The agent's life, from the JVM's first call on. */
public final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private Agent() {}

  /**
   * Starts the agent. Whatever is missing, the application can go on without it.
   *
   * @param arguments the agent's options, or {@code null}
   * @param jar the agent's own jar
   * @param required whether the application is not going to start if the agent can't work
   * @return whether it works; if not, the user has been told why
   */
  public static boolean start(
      String arguments, Instrumentation instrumentation, Path jar, boolean required) {
    String problem;
    try {
      problem = run(arguments, instrumentation, jar);
    } catch (Throwable t) {
      LOG.debug("what went wrong", t);
      problem =
          "unexpected "
              + t
              + "; please report this with your JDK's version, "
              + System.getProperty("java.vm.version");
    }
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

  /** Returns what is in the way, or {@code null}. */
  private static String run(String arguments, Instrumentation instrumentation, Path jar)
      throws IOException, ReflectiveOperationException {
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
    BootClasses.open(instrumentation);
    BootClasses.define(jar);
    return Tracing.start(options, problem, instrumentation);
  }

  private static String join(String problem, String other) {
    return problem == null ? other : problem + "; " + other;
  }

  /** What links to boot classes, and so may be loaded only once these are defined. */
  private static final class Tracing {
    static String start(Options options, String problem, Instrumentation instrumentation) {
      if (!FlightRecorder.isAvailable()) {
        return join(
            problem, "Flight Recorder is switched off; start the JVM without -XX:-FlightRecorder");
      }
      String version = Agent.class.getModule().getDescriptor().rawVersion().orElse(null);
      Recorder recorder =
          new Recorder(options.stackDepth(), options.ringSize(), options.toString(), version);
      if (problem != null) {
        recorder.notAttached(problem);
        return problem;
      }
      BpfSession session;
      try {
        session = BpfSession.open(options.ringSize());
      } catch (BpfException e) {
        recorder.notAttached(e.getMessage());
        return e.getMessage();
      }
      recorder.start(session);
      SocketHooks.listener(recorder.sockets());
      String missing = new SocketWeaver(instrumentation).weave();
      recorder.hooks(missing.isEmpty() ? "all" : "missing: " + missing);
      long pid = ProcessHandle.current().pid();
      String libbpf = session.libbpfVersion();
      if (missing.isEmpty()) {
        LOG.info("recording the TCP transitions of process {} (libbpf {})", pid, libbpf);
      } else {
        LOG.warn(
            "recording the TCP transitions of process {} (libbpf {}), but not who opened some of"
                + " the sockets, for this JDK lacks: {}. Please report this with its version, {}.",
            pid,
            libbpf,
            missing,
            System.getProperty("java.vm.version"));
      }
      return null;
    }
  }
}
