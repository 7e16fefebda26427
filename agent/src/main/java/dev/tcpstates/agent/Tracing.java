// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.bpf.BpfException;
import dev.tcpstates.agent.bpf.BpfSession;
import dev.tcpstates.agent.bpf.LibBpfLoader;
import dev.tcpstates.agent.record.Recorder;
import dev.tcpstates.agent.sockets.StackRule;
import dev.tcpstates.agent.weave.SocketWeaver;
import java.lang.instrument.Instrumentation;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The kernel's side, JFR's and the hooks, brought together. Links to boot classes, and so may be
 * loaded only once these are defined. Not thread-safe.
 */
final class Tracing {
  private static final Logger LOG = LoggerFactory.getLogger(Tracing.class);

  private static Recorder recorder;
  private static String missingHooks;

  private Tracing() {}

  static Thread inBackground(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
    return thread;
  }

  /**
   * Puts the hooks in place, while another thread begins with the kernel's side. The native
   * libraries that are unpacked for that are deleted when this returns.
   */
  static Future<BpfSession> prepare(
      Options options, Instrumentation instrumentation, boolean running)
      throws InterruptedException {
    FutureTask<Void> library =
        new FutureTask<>(
            () -> {
              LibBpfLoader.load(options.libbpf());
              return null;
            });
    FutureTask<BpfSession> kernelSide =
        new FutureTask<>(
            () -> {
              library.run();
              library.get();
              return BpfSession.open(options.ringSize());
            });
    inBackground("tcpstates kernel", kernelSide);
    if (missingHooks == null) {
      // Once in a JVM's life: woven methods stay, and without a listener only look at a field.
      missingHooks = new SocketWeaver(instrumentation).weave(running);
    }
    try {
      library.get();
    } catch (ExecutionException e) {
      // The kernel side ends with the same, and whoever waits for it hears of it.
    }
    return kernelSide;
  }

  /** From now on, a thread that opens a socket waits for {@link #releaseSockets}. */
  static void holdSockets() {
    SocketHooks.hold();
  }

  static void releaseSockets() {
    SocketHooks.release();
  }

  /**
   * Tells the recordings that there is no kernel side.
   *
   * @return what is in the way of that, or {@code null}
   */
  static String withoutKernelSide(Options options, String problem) {
    String reason = prepareRecorder(options);
    if (reason == null) {
      recorder.notAttached(problem);
    }
    return reason;
  }

  /**
   * Brings all together.
   *
   * @return what is in the way, or {@code null}
   */
  static String start(Options options, Future<BpfSession> kernelSide) throws Throwable {
    String reason;
    try {
      reason = prepareRecorder(options);
    } catch (Throwable t) {
      giveBack(kernelSide);
      throw t;
    }
    if (reason != null) {
      giveBack(kernelSide);
      return reason;
    }
    reason = attach(options, kernelSide);
    if (reason != null) {
      recorder.notAttached(reason);
    }
    return reason;
  }

  /**
   * Sees to it that JFR knows the events.
   *
   * @return what is in the way of that, or {@code null}
   */
  static String prepareRecorder(Options options) {
    if (!FlightRecorder.isAvailable()) {
      return "Flight Recorder is switched off; start the JVM without -XX:-FlightRecorder";
    }
    if (recorder == null) {
      recorder = new Recorder(Agent.class.getModule().getDescriptor().rawVersion().orElse(null));
    }
    recorder.options(options.toString());
    return null;
  }

  private static void giveBack(Future<BpfSession> kernelSide) throws InterruptedException {
    try {
      kernelSide.get().close();
    } catch (ExecutionException e) {
      // There is nothing to give back; why JFR failed says more.
    }
  }

  private static String attach(Options options, Future<BpfSession> kernelSide) throws Throwable {
    BpfSession session;
    try {
      session = kernelSide.get();
    } catch (ExecutionException e) {
      Throwable cause = e;
      while (cause instanceof ExecutionException) {
        cause = cause.getCause();
      }
      if (cause instanceof BpfException) {
        return cause.getMessage();
      }
      throw cause;
    }
    StackRule rule = new StackRule(options.appPackages(), options.skipPackages());
    SocketHooks.listener(
        recorder.attach(
            session,
            options.stackDepth(),
            rule,
            options.filter(),
            options.stuckAfter().toNanos(),
            options.throughputTop()));
    recorder.hooked();
    recorder.hooks(missingHooks.isEmpty() ? "all" : "missing: " + missingHooks);
    StringBuilder gaps = new StringBuilder();
    if (!missingHooks.isEmpty()) {
      gaps.append("; openers are unknown where this JDK lacks ")
          .append(missingHooks)
          .append(" (please report this with its version, ")
          .append(System.getProperty("java.vm.version"))
          .append(')');
    }
    if (session.missing() != null) {
      gaps.append("; missing: ").append(session.missing());
    }
    LOG.atLevel(gaps.isEmpty() ? Level.INFO : Level.WARN)
        .log(
            "recording the TCP transitions of process {} (libbpf {}){}",
            session.pid(),
            session.libbpfVersion(),
            gaps);
    return null;
  }

  static void stop() {
    SocketHooks.listener(null);
    recorder.detach();
  }
}
