// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.opener.CallSite;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.periodic.PeriodicEvents;
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
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;

/**
 * The agent's side of JFR: registers the event types and their hooks once per JVM, and holds the
 * source that they report from. Without a source, AgentState says why.
 */
public final class JfrBridge {
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

  private final String version;
  private final EventFilters filters = new EventFilters();
  private volatile String options = "";
  private volatile String hooks = "";
  private volatile String reason = "not started";
  private volatile Attachment attachment;

  /** Registers the event types. */
  public JfrBridge(String version) {
    this.version = version;
    filters.register(RecordType.TRANSITIONS, StateChange.class);
    filters.register(RecordType.CONNECTIONS, Connection.class);
    filters.register(RecordType.RETRANSMITS, Retransmit.class);
    filters.register(RecordType.RESETS, Reset.class);
    FlightRecorder.register(SocketOpen.class);
    FlightRecorder.register(SocketState.class);
    FlightRecorder.register(dev.tcpstates.jfr.event.OpenSite.class);
    FlightRecorder.register(RecordsLost.class);
    FlightRecorder.register(AgentState.class);
    FlightRecorder.addPeriodicEvent(AgentState.class, this::reportState);
    FlightRecorder.addPeriodicEvent(SocketState.class, this::reportSockets);
    FlightRecorder.addPeriodicEvent(dev.tcpstates.jfr.event.OpenSite.class, this::reportSites);
    PeriodicEvents.register(
        report -> {
          Attachment now = attachment;
          if (now != null) {
            now.reader().periodic(report);
          }
        });
    Thread ending =
        new Thread(
            null,
            () -> {
              Attachment now = attachment;
              if (now != null) {
                now.reader().ending();
              }
            },
            "tcpstates end",
            0,
            false);
    ending.setContextClassLoader(null);
    try {
      Runtime.getRuntime().addShutdownHook(ending);
    } catch (IllegalStateException e) {
      // The JVM is ending already.
    }
    FlightRecorder.addListener(
        new FlightRecorderListener() {
          @Override
          public void recordingStateChanged(Recording recording) {
            Attachment now = attachment;
            if (now != null) {
              now.reader().recordingChanged();
            }
          }
        });
  }

  /** Sets {@code AgentState.options}. */
  public void options(String text) {
    options = text;
  }

  /** Sets {@code AgentState.hooks}. */
  public void hooks(String text) {
    hooks = text;
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
   * @param filter which sockets are recorded
   * @param stuckAfterNanos how long a socket may stay in a transient state
   * @param throughputTop how many sockets have a {@code Throughput} event of their own
   * @return the listener that the hooks call
   */
  public OpenSockets attach(
      SocketSource source,
      String why,
      int stackDepth,
      StackRule rule,
      SocketFilter filter,
      long stuckAfterNanos,
      int throughputTop) {
    SiteDictionary dictionary = new SiteDictionary();
    AcceptQueues queues = new AcceptQueues(source);
    OpenSockets sockets =
        new OpenSockets(
            stackDepth,
            rule,
            SocketCookie::cookie,
            (id, site, fd) -> {
              queues.opened(id, site, fd);
              return socketOpen(dictionary, id, site);
            });
    source.openers(sockets::openedAt);
    RecordTimes times = new RecordTimes();
    PeriodicEvents.Limits limits = new PeriodicEvents.Limits(stuckAfterNanos, throughputTop);
    SourceReader reader =
        new SourceReader(source, sockets, dictionary, times, () -> filters.now(filter), limits);
    // At once, for a recording may be running already.
    reader.poll();
    queues.adopted(reader.adoptOpenSockets());
    Thread thread = new Thread(null, reader, "tcpstates reader", 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
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
    thread.start();
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
    now.reader().listOpenSockets();
  }

  /** Records everything up to now and closes the source. Does nothing without a source. */
  public void detach() {
    Attachment last = attachment;
    if (last != null) {
      last.reader().chunkEdge();
      attachment = null;
      reason = "detached";
      last.reader().stop();
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
    event.hooks = hooks;
    event.suppressedErrors = SocketHooks.suppressedErrors();
    if (now != null) {
      SocketSource source = now.source();
      event.mode = source.pollNanos() == 0 ? "EXACT" : "SAMPLED";
      event.pollInterval = source.pollNanos();
      event.ringFill = source.ringFill();
      event.highestRingFill = source.highestRingFill();
      now.reader().chunkEdge();
      event.libbpf = source.libbpfVersion();
      event.ringSize = source.ringSize();
      event.records = source.recordsRead();
      event.recordsPerSecond = now.rate().perSecond(event.records, System.nanoTime());
      event.missing = source.missing();
      event.lost = (int) Math.min(Integer.MAX_VALUE, source.losses().total());
      event.clock = now.times().transitions().usable() ? "KERNEL" : "COMMIT";
      event.openSockets = now.sockets().size();
      event.openSites = now.sockets().sites().all().size();
      event.cpuTime = now.reader().cpuTime().total();
    }
    event.commit();
  }
}
