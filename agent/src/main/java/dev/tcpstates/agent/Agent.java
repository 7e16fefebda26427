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
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent's life, from the JVM's first call on. */
public final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

  private Agent() {}

  /**
   * Starts the agent. Whatever is missing, the application can go on without it.
   *
   * @param arguments the agent's options, or {@code null}
   * @param jar the agent's own jar
   * @return whether the application may start: {@code false} only if the user asked for {@code
   *     required=true} and the agent can't work
   */
  public static boolean start(String arguments, Instrumentation instrumentation, Path jar) {
    boolean required = Options.required(arguments, System.getProperties());
    String problem;
    try {
      problem = run(arguments, instrumentation, jar);
    } catch (Throwable t) {
      problem = t.toString();
    }
    if (problem != null) {
      LOG.error(
          "{}. {}",
          problem,
          required
              ? "The application is not started, because required=true."
              : "The application runs without the agent.");
    }
    return problem == null || !required;
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
          problem, "this JVM runs without Flight Recorder (start it with --add-modules jdk.jfr)");
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
      Map<String, String> missing = new SocketWeaver(instrumentation).weave();
      recorder.hooks(missing.isEmpty() ? "all" : "missing " + missing);
      if (!missing.isEmpty()) {
        LOG.warn(
            "{}: sockets opened there are recorded without their opener. Please report this with"
                + " your JDK's version, {}.",
            missing,
            System.getProperty("java.vm.version"));
      }
      LOG.info(
          "recording the TCP transitions of process {} (libbpf {})",
          ProcessHandle.current().pid(),
          session.libbpfVersion());
      return null;
    }
  }
}
