// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.KernelThreads;
import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.metrics.Family;
import dev.tcpstates.agent.metrics.TcpMetrics;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.periodic.SocketTotals;
import dev.tcpstates.agent.record.EventClock;
import dev.tcpstates.agent.record.EventEmitter;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Drains the source into the recording: on its own thread now and then, or when the ring fills up,
 * and at each chunk start and end on JFR's thread, so that a dump holds everything up to its own
 * moment.
 *
 * <p>JFR calls {@link #poll} with its own lock held, so nothing here may call JFR's control
 * functions while it holds this object's; committing events takes no lock of JFR's.
 */
public final class SourceReader implements Runnable {
  private static final Logger LOG = Loggers.of(SourceReader.class);

  /** The kernel's least nice value. */
  private static final int LEAST_NICE = -20;

  /** A pause ends this soon after {@link #stop}. */
  private static final long LONGEST_PARK_NANOS = 50_000_000;

  /** How long to wait at most in Java, where the ring can't wake anybody. */
  private static final int ENDING_MILLIS = 20;

  /** How long a snapshot is used for metrics. */
  private static final long METRICS_NANOS = 10_000_000_000L;

  /** What metrics are counted from. */
  private static final Set<RecordType> COUNTED =
      EnumSet.of(
          RecordType.TRANSITIONS, RecordType.TOTALS, RecordType.RETRANSMITS, RecordType.RESETS);

  /** The most often that call sites are looked through. */
  private static final long TRIM_NANOS = 500_000_000;

  private final SocketSource source;
  private final OpenSockets sockets;
  private final SiteDictionary dictionary;
  private final EventClock clock;
  private final EventEmitter emitter;
  private final PeriodicEvents periodic;
  private final RecordSink sink;
  private final SharedListeners sharedListeners;
  private final UnseenEnds unseenEnds;
  private final OpenerLookup openers;
  private final WantedRecords wantedRecords = new WantedRecords();

  private final Supplier<Map<RecordType, SocketFilter>> filters;

  private final TcpMetrics metrics;

  /** When {@link #metrics} last took a snapshot; {@code null}: never. */
  private Long metricsTaken;

  /** By the recordings; the source's is wider if there are metrics. */
  private Map<RecordType, SocketFilter> recorded = Map.of();

  private boolean recording;
  private Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
  private Map<RecordType, SocketFilter> filtered = Map.of();
  private final CpuTime cpuTime = new CpuTime();
  private final Errands errands = new Errands();
  private boolean snapshotFailed;
  private long trimmedAt = System.nanoTime();
  private final int priority;
  private final Backoff backoff;
  private final Runnable nowAndThen;
  private final Consumer<Throwable> failed;
  private volatile boolean ending;
  private volatile boolean stopped;

  /**
   * @param times of the events by which JFR's clock is read
   * @param filters which sockets are recorded, by the options and the recordings' settings now
   * @param limits what the user chose
   * @param metrics counts the records; {@code null} for nobody
   * @param priority by how much less nice the reader's thread is than the one that starts it
   * @param backoff how long to wait after each failure
   * @param nowAndThen called on the reader's thread after each poll, without its lock
   * @param failed called on the reader's thread when it ends because nothing can be read
   */
  SourceReader(
      SocketSource source,
      OpenSockets sockets,
      SiteDictionary dictionary,
      RecordTimes times,
      Supplier<Map<RecordType, SocketFilter>> filters,
      PeriodicEvents.Limits limits,
      TcpMetrics metrics,
      int priority,
      Backoff backoff,
      Runnable nowAndThen,
      Consumer<Throwable> failed) {
    this.source = source;
    this.metrics = metrics;
    this.priority = priority;
    this.backoff = backoff;
    this.nowAndThen = nowAndThen;
    this.failed = failed;
    this.sockets = sockets;
    this.dictionary = dictionary;
    this.filters = filters;
    this.clock = new EventClock(times.all());
    this.openers = new OpenerLookup(sockets, dictionary);
    this.emitter = new EventEmitter(sockets, openers, times, clock);
    if (metrics != null) {
      emitter.observe(metrics.observer());
    }
    this.periodic = new PeriodicEvents(snapshots(), limits, openers);
    // In this order: the second forgets the opener of a socket that has ended.
    this.sharedListeners =
        new SharedListeners(new BothSinks(periodic, emitter), source.pid(), sockets::openedAt);
    this.sink = new ApplicationRecords(sockets.agentSockets(), sharedListeners);
    this.unseenEnds = new UnseenEnds(source, sockets, sink, periodic::gone);
  }

  @Override
  public void run() {
    // No other thread's: JFR's and those that open sockets are the application's matter.
    int nice = KernelThreads.nice(KernelThreads.SELF);
    KernelThreads.nice(KernelThreads.SELF, Math.max(LEAST_NICE, nice - priority));
    pause(1); // loads what an error needs, when there may be no memory for it
    PollInterval interval = new PollInterval(source.ringSize(), System.nanoTime());
    while (!stopped) {
      try {
        read(interval);
        nowAndThen.run(); // might wait for a lock of who sends an errand
        cpuTime.ownThread();
        backoff.reset();
      } catch (Throwable t) {
        if (!survives(t)) {
          failed.accept(t);
          return;
        }
      }
    }
  }

  private void read(PollInterval interval) throws InterruptedException {
    errands.begin();
    try {
      await(interval);
      errands.run();
      poll();
    } finally {
      errands.end();
    }
  }

  private boolean survives(Throwable error) {
    try {
      SocketHooks.suppressed();
      if (backoff.isExhausted()) {
        return false;
      }
      pause(backoff.nextNanos());
    } catch (Throwable t) {
      // The next error is counted again.
    }
    return true;
  }

  /** An application that has run out of memory may get some again. */
  private void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !stopped; left = end - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, LONGEST_PARK_NANOS));
    }
  }

  private void await(PollInterval interval) throws InterruptedException {
    int millis = interval.next(source.bytesRead(), System.nanoTime(), recording());
    if (ending) {
      Thread.sleep(Math.min(millis, ENDING_MILLIS));
    } else {
      source.await(millis);
    }
  }

  /** Drains the source up to now, after updating what is wanted of it. On any thread. */
  synchronized void poll() {
    Set<RecordType> now = wantedRecords.now();
    if (periodic.wantsConnections()) {
      now.add(RecordType.TOTALS);
    }
    recording = !now.isEmpty();
    boolean connections = now.contains(RecordType.CONNECTIONS) && source.pollNanos() == 0;
    recorded = filters.get();
    Map<RecordType, SocketFilter> filter = recorded;
    if (metrics != null) {
      now.addAll(COUNTED);
      filter = widened(recorded);
      emitter.filter(filter.equals(recorded) ? Map.of() : recorded);
    }
    if (!filter.equals(filtered) || !now.equals(wanted)) {
      // An end that was missed up to now is lost to those who wanted it then.
      unseenEnds.reconcile();
      want(now, filter);
      unseenEnds.reconcile();
    }
    if (recording) {
      clock.calibrate();
    }
    sockets.update();
    openers.reading(wanted.contains(RecordType.RESETS));
    long since = System.nanoTime();
    source.drain(sink);
    sharedListeners.read();
    emitter.read(
        since,
        connections ? recorded.get(RecordType.CONNECTIONS) : null,
        metrics != null && source.pollNanos() == 0
            ? filtered.getOrDefault(RecordType.TOTALS, SocketFilter.ALL)
            : null);
    if (metrics != null) {
      metrics.read();
    }
    periodic.update();
    unseenEnds.reportLosses();
    unseenEnds.searchNowAndThen();
    trim();
  }

  /** The metrics count what the agent's options include, whatever the recordings do. */
  private static Map<RecordType, SocketFilter> widened(Map<RecordType, SocketFilter> recorded) {
    SocketFilter options = recorded.get(RecordType.TOTALS);
    if (options == null) {
      return recorded;
    }
    Map<RecordType, SocketFilter> filter = new EnumMap<>(recorded);
    // Not of CONNECTIONS: TOTALS makes the same records, and they say which are recorded.
    filter.put(RecordType.TRANSITIONS, options);
    filter.put(RecordType.RETRANSMITS, options);
    filter.put(RecordType.RESETS, options);
    return filter;
  }

  /**
   * Returns the metrics. The snapshot that some of them need is taken if the last one is 10 s old.
   * On any thread.
   *
   * @param all what adds up the snapshots, the same in each call
   */
  List<Family> metrics(TcpMetrics all) {
    List<List<Family>> now = new ArrayList<>(1);
    onReader(
        () -> {
          poll();
          long time = System.nanoTime();
          if (metricsTaken == null || time - metricsTaken > METRICS_NANOS) {
            SocketTotals totals = periodic.totals(source.pollNanos() != 0, all::open);
            all.update(totals, sockets.sites().all());
            metricsTaken = time;
          }
          all.lost(source.losses());
          now.add(all.now());
        });
    return now.get(0);
  }

  private void trim() {
    long now = System.nanoTime();
    if (now - trimmedAt > TRIM_NANOS) {
      trimmedAt = now;
      dictionary.trim(sockets.sites());
    }
  }

  private void want(Set<RecordType> now, Map<RecordType, SocketFilter> filter) {
    // Noted when it is done: what has failed is done the next time.
    if (!filter.equals(filtered)) {
      source.filter(filter);
      filtered = filter;
    }
    source.recording(now);
    wanted = now;
  }

  /** Polls at a chunk start or end, and searches for ends without a record. On any thread. */
  void chunkEdge() {
    onReader(
        () -> {
          poll();
          if (sharedListeners.hasUndecided()) {
            SocketSnapshot now = snapshot(source::ownSockets);
            if (now != null) {
              sharedListeners.listed(now, true);
            }
          }
          emitter.chunkEdge();
          unseenEnds.searchBeforeChunkEnd();
          periodic.chunkEdge();
        });
  }

  /** Runs work under the lock, which other threads hold for a short time only. */
  private synchronized void onThisThread(Runnable work) {
    cpuTime.measure(work);
  }

  /** Runs work under the lock; on the reader's thread, if it comes soon. */
  private void onReader(Runnable work) {
    if (!errands.send(() -> locked(work), source::wake)) {
      onThisThread(work);
    }
  }

  private synchronized void locked(Runnable work) {
    work.run();
  }

  /**
   * Adopts the open sockets that no hook has reported. On any thread.
   *
   * @return whether one of them is a listener
   */
  boolean adoptOpenSockets() {
    boolean[] listener = new boolean[1];
    forEachOpenSocket(
        view -> {
          listener[0] |= view.adopted() && view.state() == TcpState.LISTEN.kernelValue();
          sockets.adopted(view.socketId(), view.fd(), view.isUsed());
          if (metrics != null) {
            metrics.adopted(view);
          }
        });
    return listener[0];
  }

  /** From now on, the hooks have reported each socket before the kernel does. */
  void hooked() {
    onThisThread(
        () -> {
          emitter.hooked();
          periodic.ready();
          periodic.update();
        });
  }

  /** Reports one of the periodic events. On any thread. */
  public void periodic(Consumer<PeriodicEvents> report) {
    onReader(
        () -> {
          poll();
          report.accept(periodic);
        });
  }

  private PeriodicEvents.Snapshots snapshots() {
    return new PeriodicEvents.Snapshots() {
      @Override
      public SocketSnapshot ownSockets() {
        return own(snapshot(source::ownSockets));
      }

      @Override
      public SocketSnapshot table() {
        return own(snapshot(source::table));
      }

      @Override
      public long cookie(int fd) {
        return SocketCookie.cookie(fd);
      }

      private SocketSnapshot own(SocketSnapshot all) {
        if (all == null) {
          return null;
        }
        sharedListeners.listed(all, false);
        return all.without(socket -> sharedListeners.isAnothers(socket) || isAgents(socket));
      }
    };
  }

  private boolean isAgents(SnapshotView socket) {
    return sockets.agentSockets().contains(socket.socketId(), socket.listenerId());
  }

  private interface Listing {
    SocketSnapshot list() throws BpfException;
  }

  private SocketSnapshot snapshot(Listing listing) {
    try {
      SocketSnapshot snapshot = listing.list();
      source.drain(sink);
      return snapshot;
    } catch (BpfException e) {
      if (!snapshotFailed) {
        snapshotFailed = true;
        LOG.warn("the sockets can't be listed, so periodic events are missing: {}", e.getMessage());
      }
      return null;
    }
  }

  /** Emits a {@code SocketState} event for each open socket, at a chunk start. On any thread. */
  void listOpenSockets() {
    forEachOpenSocket(emitter::open);
    onThisThread(periodic::chunkBegun);
  }

  private void forEachOpenSocket(Consumer<SnapshotView> action) {
    onReader(
        () -> {
          try {
            source.drain(sink);
            source.openSockets(
                socket -> {
                  if (!isAgents(socket)) {
                    sharedListeners.listed(socket);
                    action.accept(socket);
                  }
                });
          } catch (BpfException e) {
            LOG.warn("the sockets that are open can't be listed: {}", e.getMessage());
          }
        });
  }

  private synchronized boolean recording() {
    return recording;
  }

  /** A recording has begun or ended: what is wanted may have changed. On any thread. */
  void recordingChanged() {
    onThisThread(this::poll);
    source.wake();
  }

  /** The CPU time that the agent has used. */
  CpuTime cpuTime() {
    return cpuTime;
  }

  /**
   * The JVM is about to end. It waits for threads that are in native code, for 0.3 s at most
   * (HotSpot's {@code VM_Exit::wait_for_threads_in_native_to_block}), so the reader must not wait
   * there any more; it goes on reading, for other shutdown hooks may take their time. On any
   * thread.
   */
  void ending() {
    ending = true;
    source.ending();
  }

  void stop() {
    stopped = true;
    source.wake();
  }
}
