// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.boot.AgentThread;
import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.MetricsSettings;
import dev.tcpstates.agent.metrics.TcpMetrics;
import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.opener.ThreadStarts;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.record.EventRegistration;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import org.slf4j.Logger;

/**
 * The agent's side of JFR: registers the event types and their hooks once per JVM, when Flight
 * Recorder is first used, and holds the source that they report from. Without a source, AgentState
 * says why.
 */
public final class JfrBridge {
  private static final Logger LOG = Loggers.of(JfrBridge.class);

  /** From attach to detach. */
  private record Attachment(
      SocketSource source,
      OpenSockets sockets,
      SiteDictionary dictionary,
      RecordTimes times,
      AcceptQueues queues,
      SourceReader reader,
      Thread thread,
      Rate rate) {}

  /** So the last try is 100 s after the first. */
  private static final long FIRST_PAUSE_NANOS = 100_000_000;

  private final String version;
  private final Consumer<String> failed;
  private final EventFilters filters = new EventFilters();
  private final Uninstrumented uninstrumented = new Uninstrumented();
  private volatile String options = "";
  private volatile Runnable nowAndThen = () -> {};
  private volatile MetricsSettings settings = MetricsSettings.OFF;
  private volatile Supplier<String> hooks = () -> "";
  private volatile String reason = "not started";
  private volatile Attachment attachment;
  private boolean registered;
  private TcpMetrics metrics;

  /** Those that the metrics are of; {@code null}: none yet. */
  private OpenSockets counted;

  /**
   * Registers the event types, now if Flight Recorder is in use.
   *
   * @param version the agent's
   * @param failed called with the reason when the agent has ended by itself
   */
  public JfrBridge(String version, Consumer<String> failed) {
    this.version = version;
    this.failed = failed;
    Thread ending =
        new AgentThread(
            () -> {
              Attachment now = attachment;
              if (now != null) {
                guard(now.reader()::ending);
              }
            },
            "tcpstates end");
    try {
      Runtime.getRuntime().addShutdownHook(ending);
    } catch (IllegalStateException e) {
      // The JVM is ending already.
    }
    EventRegistration.postpone();
    FlightRecorder.addListener(
        new FlightRecorderListener() {
          @Override
          public void recorderInitialized(FlightRecorder recorder) {
            register();
          }

          @Override
          public void recordingStateChanged(Recording recording) {
            Attachment now = attachment;
            if (now != null) {
              guard(now.reader()::recordingChanged);
            }
          }
        });
  }

  /**
   * Registers the event types, if they are not yet. On any thread; JFR calls it with its own lock
   * held, so a lock that is held here must not be taken by who calls JFR's control functions.
   */
  private synchronized void register() {
    if (!registered) {
      registered = true;
      try {
        registerAll();
        EventRegistration.done();
      } catch (RuntimeException | LinkageError e) {
        // The caller may be an application that starts a recording.
        LOG.error("Flight Recorder refuses the agent's events, so nothing is recorded: {}", "" + e);
      }
    }
  }

  private void registerAll() {
    WriterClasses.load();
    filters.register(RecordType.TRANSITIONS, StateChange.class);
    filters.register(RecordType.CONNECTIONS, Connection.class);
    filters.register(RecordType.RETRANSMITS, Retransmit.class);
    filters.register(RecordType.RESETS, Reset.class);
    FlightRecorder.register(SocketOpen.class);
    FlightRecorder.register(SocketState.class);
    FlightRecorder.register(dev.tcpstates.jfr.event.OpenSite.class);
    FlightRecorder.register(RecordsLost.class);
    FlightRecorder.register(AgentState.class);
    // In this order: the first is called only when a chunk begins, the others when one ends, too.
    FlightRecorder.addPeriodicEvent(SocketState.class, () -> guard(this::reportSockets));
    FlightRecorder.addPeriodicEvent(AgentState.class, () -> guard(this::reportState));
    FlightRecorder.addPeriodicEvent(
        dev.tcpstates.jfr.event.OpenSite.class, () -> guard(this::reportSites));
    PeriodicEvents.register(
        report -> {
          Attachment now = attachment;
          if (now != null) {
            guard(() -> now.reader().periodic(report));
          }
        });
    WantedRecords.registered();
  }

  /**
   * Does what Flight Recorder asks for. It would print an error on standard output, or pass it on
   * to the application that starts a recording.
   */
  private static void guard(Runnable work) {
    try {
      work.run();
    } catch (Throwable t) {
      SocketHooks.suppressed();
    }
  }

  /** Sets {@code AgentState.options}. */
  public void options(String text) {
    options = text;
  }

  /** Sets what {@code AgentState.hooks} is taken from. */
  public void hooks(Supplier<String> text) {
    hooks = text;
  }

  /** Sets what the reader's thread calls after each poll, from the next {@link #attach} on. */
  public void nowAndThen(Runnable work) {
    nowAndThen = work;
  }

  /** Sets what the metrics count, from the next {@link #attach} on. */
  public void metrics(MetricsSettings newSettings) {
    settings = newSettings;
  }

  /**
   * Returns the metrics of this JVM. On any thread.
   *
   * @return an empty list if the agent has never been attached
   */
  public List<Family> metrics() {
    Attachment now = attachment;
    if (now != null) {
      register(); // some are made from events
      return now.reader().metrics(metricsOf(now.source(), now.sockets()));
    }
    synchronized (this) {
      if (metrics == null) {
        return List.of();
      }
      metrics.detached();
      return metrics.now();
    }
  }

  /** Where nothing is counted, nothing is made until somebody asks. */
  private synchronized TcpMetrics metricsOf(SocketSource source, OpenSockets sockets) {
    if (metrics == null || !metrics.settings().equals(settings)) {
      metrics = new TcpMetrics(settings);
    }
    if (counted != sockets) {
      counted = sockets;
      metrics.attached(sockets::openedAt, source.pollNanos() != 0);
    }
    return metrics;
  }

  /** There is no source; {@code AgentState.reason} says why. */
  public void notAttached(String why) {
    reason = why;
  }

  /**
   * Starts to drain the source, on a daemon thread, and adopts the open sockets. To be followed by
   * {@link #hooked}.
   *
   * @param why the source samples; {@code null} if it is exact
   * @param stackDepth how many frames of an opening stack are kept
   * @param rule which of them are shown first
   * @param starts what started the threads
   * @param filter which sockets are recorded
   * @param stuckAfterNanos how long a socket may stay in a transient state
   * @param throughputTop how many sockets have a {@code Throughput} event of their own
   * @param priority by how much less nice the daemon thread is than the calling one
   * @return the listener that the hooks call
   */
  public OpenSockets attach(
      SocketSource source,
      String why,
      int stackDepth,
      StackRule rule,
      ThreadStarts starts,
      SocketFilter filter,
      long stuckAfterNanos,
      int throughputTop,
      int priority) {
    if (settings.counting() || source.pollNanos() != 0) {
      register(); // events are made whether or not they are recorded
    }
    SiteDictionary dictionary = new SiteDictionary();
    AcceptQueues queues = new AcceptQueues(source);
    OpenSockets sockets =
        new OpenSockets(
            stackDepth,
            rule,
            starts,
            SocketCookie::cookie,
            (id, site, fd) -> {
              queues.opened(id, site, fd);
              return socketOpen(dictionary, id, site);
            });
    source.openers(sockets::openedAt);
    RecordTimes times = new RecordTimes();
    PeriodicEvents.Limits limits = new PeriodicEvents.Limits(stuckAfterNanos, throughputTop);
    SourceReader reader =
        new SourceReader(
            source,
            sockets,
            dictionary,
            times,
            () -> filters.now(filter),
            limits,
            settings.counting() ? metricsOf(source, sockets) : null,
            priority,
            new Backoff(FIRST_PAUSE_NANOS),
            nowAndThen,
            this::readerFailed);
    // At once, for a recording may be running already.
    reader.poll();
    queues.adopted(reader.adoptOpenSockets());
    Thread thread = new AgentThread(reader, "tcpstates reader");
    thread.start(); // fails where the process may have no more threads
    attachment =
        new Attachment(
            source,
            sockets,
            dictionary,
            times,
            queues,
            reader,
            thread,
            new Rate(System.nanoTime()));
    reason = why;
    return sockets;
  }

  /**
   * To be called when the hooks report every socket: adopts what was opened meanwhile, and emits
   * the open sockets into a recording that already runs.
   */
  public void hooked() {
    Attachment now = attachment;
    now.queues().adopted(now.reader().adoptOpenSockets());
    now.reader().hooked();
    if (EventRegistration.isDone()) {
      now.reader().listOpenSockets();
    }
  }

  /** Records everything up to now and closes the source. Does nothing without a source. */
  public void detach() {
    Attachment last = attachment;
    if (last == null) {
      return;
    }
    guard(last.reader()::chunkEdge);
    if (!end(last, "detached")) {
      return; // the reader has failed meanwhile, and closes the source
    }
    guard(last.reader()::stop);
    boolean interrupted = false;
    while (last.thread().isAlive()) {
      try {
        last.thread().join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    last.source().close();
  }

  /** On the reader's thread, which ends after that. */
  private void readerFailed(Throwable error) {
    Attachment last = attachment;
    if (last != null && end(last, "reading failed again and again")) {
      SocketHooks.listener(null);
      guard(last.source()::close);
      guard(() -> reason = reason + ", at last with " + error);
      guard(() -> failed.accept(reason));
    }
  }

  /** Whether this call has ended it, and not another one. */
  private synchronized boolean end(Attachment last, String why) {
    if (attachment != last) {
      return false;
    }
    attachment = null;
    if (metrics != null) {
      metrics.detached();
    }
    counted = null;
    reason = why;
    return true;
  }

  /** Called at each chunk start and end. */
  private void reportSites() {
    Attachment now = attachment;
    if (now != null) {
      now.reader().chunkEdge();
      now.dictionary().edge(now.sockets().sites());
    }
  }

  /** Called when a chunk begins. */
  private void reportSockets() {
    Attachment now = attachment;
    if (now != null) {
      now.reader().listOpenSockets();
    }
  }

  private static SocketOpen socketOpen(SiteDictionary dictionary, long socketId, CallSite site) {
    if (!EventRegistration.isDone()) {
      return null;
    }
    SocketOpen event = new SocketOpen();
    if (!event.isEnabled()) {
      return null;
    }
    event.socketId = socketId;
    event.kind = site.kind();
    event.openSiteId = site.id();
    dictionary.used(site);
    return event;
  }

  /** Called at each chunk start and end; records that are still in the ring belong before it. */
  private void reportState() {
    Attachment now = attachment;
    AgentState event = new AgentState();
    event.attached = now != null;
    event.reason = reason;
    event.options = options;
    event.version = version;
    event.kernel = System.getProperty("os.version");
    event.hooks = hooks.get();
    if (now != null) {
      SocketSource source = now.source();
      event.mode = source.pollNanos() == 0 ? "EXACT" : "SAMPLED";
      event.pollInterval = source.pollNanos();
      event.ringFill = source.ringFill();
      event.highestRingFill = source.highestRingFill();
      guard(now.reader()::chunkEdge);
      event.libbpf = source.libbpfVersion();
      event.ringSize = source.ringSize();
      event.records = source.recordsRead();
      event.recordsPerSecond = now.rate().perSecond(event.records, System.nanoTime());
      event.missing =
          join(join(source.missing(), uninstrumented.events()), PeriodicEvents.missing());
      event.lost = (int) Math.min(Integer.MAX_VALUE, source.losses().total());
      event.clock = now.times().transitions().usable() ? "KERNEL" : "COMMIT";
      event.openSockets = now.sockets().size();
      event.openSites = now.sockets().sites().all().size();
      event.cpuTime = now.reader().cpuTime().total();
    }
    event.suppressedErrors = SocketHooks.suppressedErrors();
    event.commit();
  }

  private static String join(String missing, String other) {
    if (missing == null || other == null) {
      return missing == null ? other : missing;
    }
    return missing + "; " + other;
  }
}
