// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.agent.boot.AgentThread;
import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.boot.TaskHooks;
import dev.tcpstates.agent.boot.ThreadHooks;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.diag.DiagException;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.libbpf.LibBpfLoader;
import dev.tcpstates.agent.kernel.node.MetricsMessages;
import dev.tcpstates.agent.kernel.node.Registration.Metrics;
import dev.tcpstates.agent.kernel.sampled.SampledSource;
import dev.tcpstates.agent.kernel.session.BpfSession;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.MetricsSettings;
import dev.tcpstates.agent.metrics.MetricsSnapshot;
import dev.tcpstates.agent.opener.Launch;
import dev.tcpstates.agent.opener.LazyRule;
import dev.tcpstates.agent.opener.ThreadStarts;
import dev.tcpstates.agent.reader.JfrBridge;
import dev.tcpstates.agent.weave.SocketWeaver;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * The kernel's side, JFR's and the hooks, brought together. Links to boot classes, and so may be
 * loaded only once these are defined. Not thread-safe.
 */
final class Tracing {
  private static final Logger LOG = Loggers.of(Tracing.class);

  /**
   * Where the sockets come from.
   *
   * @param why they are polled; {@code null} if the kernel reports each transition
   */
  record Source(SocketSource sockets, String why) {}

  private static final Metrics NODE_METRICS =
      new Metrics(Tracing::snapshot, work -> inBackground("tcpstates node metrics", work));

  private static JfrBridge recorder;
  private static volatile MetricsOutlets outlets;
  private static String sampledBecause;
  private static SocketWeaver weaver;
  private static LazyRule rule;
  private static ThreadStarts threadStarts;

  private Tracing() {}

  static Thread inBackground(String name, Runnable work) {
    Thread thread = new AgentThread(work, name);
    thread.start();
    return thread;
  }

  /**
   * Puts the hooks in place, while another thread begins with the kernel's side. The native
   * libraries that are unpacked for that are deleted when this returns, unless the system's libbpf
   * or the node program turn out to be of no use.
   */
  static Future<Source> prepare(Options options, Instrumentation instrumentation, boolean running)
      throws InterruptedException {
    FutureTask<Void> library =
        new FutureTask<>(
            () -> {
              if (options.source() == WantedSource.SAMPLED || isNodeTried(options)) {
                JnaLoader.unpack();
              } else {
                LibBpfLoader.unpack(options.libbpf());
              }
              return null;
            });
    LazyRule openers = new LazyRule(options.appPackages(), options.skipPackages());
    FutureTask<Source> kernelSide =
        new FutureTask<>(
            () -> {
              library.run();
              openers.get(); // rather here than in a thread of the application
              return open(options, library);
            });
    inBackground("tcpstates kernel", kernelSide);
    boolean threads = options.threadStarts() != WatchedThreads.NONE;
    boolean tasks = options.taskSubmits();
    boolean virtual = options.threadStarts() == WatchedThreads.ALL || tasks;
    if (weaver == null) {
      // Once in a JVM's life: woven methods stay, and without a listener only look at a field.
      weaver = new SocketWeaver(instrumentation, BootClasses::define);
      weaver.weave(threads, virtual, tasks, running);
      if (running || RuntimeArguments.haveOtherAgents()) {
        weaver.complete();
      }
    } else {
      weaver.weaveMore(threads, virtual, tasks);
    }
    rule = openers;
    watchThreads(options);
    try {
      library.get();
    } catch (ExecutionException e) {
      // Whoever waits for the kernel side gets the same exception.
    }
    return kernelSide;
  }

  /** From now on, it is known what starts each thread, and submits each task. */
  private static void watchThreads(Options options) {
    threadStarts = new ThreadStarts(options.stackDepth(), rule);
    if (options.threadStarts() != WatchedThreads.NONE || options.taskSubmits()) {
      ThreadHooks.listener(threadStarts);
    }
    if (options.taskSubmits()) {
      TaskHooks.listener(threadStarts.taskSubmits());
    }
  }

  /** From now on, no thread start and no submitted task calls the agent. */
  static void forgetThreads() {
    ThreadHooks.listener(null);
    TaskHooks.listener(null);
    threadStarts = null;
    rule = null;
  }

  private static boolean isNodeTried(Options options) {
    return options.source() == WantedSource.NODE
        || options.source() == WantedSource.AUTO && Files.exists(options.node());
  }

  /** What the node program reads. */
  private static byte[] snapshot() {
    MetricsOutlets read = outlets;
    List<Family> families = read == null ? List.of() : read.read();
    return new MetricsSnapshot(MainClass.NAME, families).encode(MetricsMessages.MOST_BODY_BYTES);
  }

  /** Read once, at the first request of a node program. */
  private static final class MainClass {
    static final String NAME = Objects.requireNonNullElse(Launch.ofThisJvm().mainClass(), "");
  }

  /** Takes programs that report each transition: the node program's, or this JVM's own. */
  private static SocketSource openExact(Options options) throws BpfException {
    if (options.source() == WantedSource.SAMPLED) {
      throw new BpfException("the option source=sampled is set");
    }
    if (isNodeTried(options)) {
      try {
        return BpfSession.join(options.node(), options.ringSize(), NODE_METRICS);
      } catch (BpfException e) {
        if (options.source() == WantedSource.NODE) {
          throw e;
        }
        LOG.warn("the node program is not used: {}", e.getMessage());
      }
    }
    LibBpfLoader.load(options.libbpf());
    return BpfSession.open(options.ringSize());
  }

  /** Takes the best source that there is. */
  private static Source open(Options options, Future<Void> library) throws Exception {
    BpfException refused;
    try {
      library.get();
      return new Source(openExact(options), null);
    } catch (BpfException e) {
      refused = e;
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof BpfException)) {
        throw e;
      }
      refused = (BpfException) e.getCause();
    }
    if (options.required() == Required.EXACT) {
      throw refused;
    }
    try {
      return new Source(SampledSource.open(options.pollInterval().toNanos()), refused.getMessage());
    } catch (BpfException e) {
      throw refused; // what is in the way of both
    } catch (DiagException e) {
      throw new BpfException(
          refused.getMessage() + ". The sockets can't be polled either: " + SockDiag.explain(e));
    }
  }

  /** From now on, a thread that opens a socket waits for {@link #releaseSockets}. */
  static void holdSockets() {
    SocketHooks.hold();
  }

  static void releaseSockets() {
    SocketHooks.release();
  }

  /**
   * Has recordings say why there is no kernel side.
   *
   * @return why even that is impossible, or {@code null}
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
  static String start(Options options, Future<Source> kernelSide) throws Throwable {
    boolean started = false;
    try {
      String reason = startAll(options, kernelSide);
      started = reason == null;
      return reason;
    } finally {
      if (!started) {
        forgetThreads();
      }
    }
  }

  private static String startAll(Options options, Future<Source> kernelSide) throws Throwable {
    String reason;
    try {
      weaver.complete();
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
      recorder =
          new JfrBridge(
              Agent.class.getModule().getDescriptor().rawVersion().orElse(null), Agent::failed);
    }
    if (outlets == null) {
      outlets = new MetricsOutlets(recorder::metrics);
      recorder.nowAndThen(outlets::check);
    }
    recorder.metrics(new MetricsSettings(options.metrics().counted(), options.metricsAddresses()));
    recorder.options(options.toString());
    return null;
  }

  private static void giveBack(Future<Source> kernelSide) throws InterruptedException {
    try {
      kernelSide.get().sockets().close();
    } catch (ExecutionException e) {
      // There is nothing to give back; why JFR failed says more.
    }
  }

  private static String attach(Options options, Future<Source> kernelSide) throws Throwable {
    Source source;
    try {
      source = kernelSide.get();
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
    try {
      record(options, source);
    } catch (Throwable t) {
      stop();
      source.sockets().close();
      throw t;
    }
    String missed = missedSockets();
    recorder.hooks(() -> hooks(weaver.missing(), weaver.missingOfNetty()) + missed);
    sampledBecause = source.why();
    report(source.sockets(), options.pollInterval(), missed);
    return null;
  }

  private static String hooks(String missing, String missingOfNetty) {
    String all =
        missing + (missing.isEmpty() || missingOfNetty.isEmpty() ? "" : ", ") + missingOfNetty;
    return all.isEmpty() ? "all" : "missing: " + all;
  }

  private static void record(Options options, Source source) throws InterruptedException {
    SocketHooks.listener(
        recorder.attach(
            source.sockets(),
            source.why(),
            options.stackDepth(),
            rule.get(),
            threadStarts,
            options.filter(),
            options.stuckAfter().toNanos(),
            options.throughputTop(),
            options.priority()));
    recorder.hooked();
    outlets.open(options.metrics().endpoint());
  }

  /** What the recording lacks because threads did not wait for the start to its end, or nothing. */
  private static String missedSockets() {
    int missed = SocketHooks.takeMissedSockets();
    return missed == 0
        ? ""
        : "; "
            + (missed == 1 ? "1 socket was" : missed + " sockets were")
            + " opened before the agent was ready, openers unknown";
  }

  private static void report(SocketSource source, Duration pollInterval, String missed) {
    StringBuilder gaps = new StringBuilder();
    String missingHooks = weaver.missing();
    if (!missingHooks.isEmpty()) {
      gaps.append("; openers are unknown where this JDK lacks ")
          .append(missingHooks)
          .append(" (please report this with its version, ")
          .append(System.getProperty("java.vm.version"))
          .append(')');
    }
    gaps.append(missed);
    if (source.missing() != null) {
      gaps.append("; missing: ").append(source.missing());
    }
    if (sampledBecause != null) {
      LOG.warn(
          "sampling the sockets of process {} every {}; transitions are not recorded, because {}{}",
          source.pid(),
          words(pollInterval),
          sampledBecause,
          gaps);
      return;
    }
    LOG.atLevel(gaps.isEmpty() ? Level.INFO : Level.WARN)
        .log(
            "recording the TCP transitions of process {} ({}){}",
            source.pid(),
            source.libbpfVersion() == null ? "node program" : "libbpf " + source.libbpfVersion(),
            gaps);
  }

  private static String words(Duration time) {
    return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** How the agent is after its start, for {@link AgentStatus}. */
  static String status() {
    return sampledBecause == null ? AgentStatus.ATTACHED : AgentStatus.sampled(sampledBecause);
  }

  static void stop() {
    SocketHooks.listener(null);
    forgetThreads();
    outlets.close();
    recorder.detach();
  }
}
