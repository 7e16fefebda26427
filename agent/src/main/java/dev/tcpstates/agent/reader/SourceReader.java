// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.periodic.PeriodicEvents;
import dev.tcpstates.agent.record.EventClock;
import dev.tcpstates.agent.record.EventEmitter;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.RecordTimes;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.TcpState;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains the source into the recording: on its own thread now and then, or when the ring fills up,
 * and at each chunk start and end on JFR's thread, so that a dump holds everything up to its own
 * moment.
 *
 * <p>JFR calls {@link #poll} with its own lock held, so nothing here may call JFR's control
 * functions while it holds this object's; committing events takes no lock of JFR's.
 */
public final class SourceReader implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceReader.class);

  /** How long to wait at most in Java, where the ring can't wake anybody. */
  private static final int ENDING_MILLIS = 20;

  private final SocketSource source;
  private final OpenSockets sockets;
  private final EventClock clock;
  private final EventEmitter emitter;
  private final PeriodicEvents periodic;
  private final RecordSink sink;
  private final UnseenEnds unseenEnds;
  private final OpenerLookup openers;
  private final WantedRecords wantedRecords = new WantedRecords();

  private final Supplier<Map<RecordType, SocketFilter>> filters;

  private Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
  private Map<RecordType, SocketFilter> filtered = Map.of();
  private final CpuTime cpuTime = new CpuTime();
  private final Urgent urgent = new Urgent();
  private boolean snapshotFailed;
  private volatile boolean ending;
  private volatile boolean stopped;

  /**
   * @param times of the events by which JFR's clock is read
   * @param filters which sockets are recorded, by the options and the recordings' settings now
   * @param limits what the user chose
   */
  SourceReader(
      SocketSource source,
      OpenSockets sockets,
      SiteDictionary dictionary,
      RecordTimes times,
      Supplier<Map<RecordType, SocketFilter>> filters,
      PeriodicEvents.Limits limits) {
    this.source = source;
    this.sockets = sockets;
    this.filters = filters;
    this.clock = new EventClock(times.all());
    this.openers = new OpenerLookup(sockets, dictionary);
    this.emitter = new EventEmitter(sockets, openers, times, clock);
    this.periodic = new PeriodicEvents(snapshots(), limits, openers);
    // In this order: the second forgets the opener of a socket that has ended.
    this.sink = new BothSinks(periodic, emitter);
    this.unseenEnds = new UnseenEnds(source, sockets, sink, periodic::gone);
  }

  @Override
  public void run() {
    Urgent.always();
    PollInterval interval = new PollInterval(source.ringSize(), System.nanoTime());
    while (!stopped) {
      try {
        await(interval);
        poll();
        cpuTime.ownThread();
      } catch (Throwable t) {
        // Once: what fails here would fail again and again.
        LOG.error("reading stopped; transitions from now on are missing from recordings", t);
        return;
      }
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
    Map<RecordType, SocketFilter> filter = filters.get();
    if (!filter.equals(filtered) || !now.equals(wanted)) {
      // An end that was missed up to now is lost to those who wanted it then.
      unseenEnds.reconcile();
      want(now, filter);
      unseenEnds.reconcile();
    }
    urgent.writing(!stopped && !wanted.isEmpty());
    if (!wanted.isEmpty()) {
      clock.calibrate();
    }
    sockets.update();
    openers.reading(wanted.contains(RecordType.RESETS));
    source.drain(sink);
    emitter.read();
    periodic.update();
    unseenEnds.reportLosses();
    unseenEnds.searchNowAndThen();
  }

  private void want(Set<RecordType> now, Map<RecordType, SocketFilter> filter) {
    if (!filter.equals(filtered)) {
      filtered = filter;
      source.filter(filter);
    }
    wanted = now;
    source.recording(wanted);
  }

  /** Polls at a chunk start or end, and searches for ends without a record. On any thread. */
  void chunkEdge() {
    onThisThread(
        () -> {
          poll();
          unseenEnds.searchBeforeChunkEnd();
          periodic.chunkEdge();
        });
  }

  /** Runs work under the lock, at the reader's priority. */
  private void onThisThread(Runnable work) {
    Urgent.run(
        () -> {
          synchronized (this) {
            cpuTime.measure(work);
          }
        });
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
    onThisThread(
        () -> {
          poll();
          report.accept(periodic);
        });
  }

  private PeriodicEvents.Snapshots snapshots() {
    return new PeriodicEvents.Snapshots() {
      @Override
      public SocketSnapshot ownSockets() {
        return snapshot(source::ownSockets);
      }

      @Override
      public SocketSnapshot table() {
        return snapshot(source::table);
      }
    };
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

  /** Emits a {@code SocketState} event for each open socket. On any thread. */
  void listOpenSockets() {
    forEachOpenSocket(emitter::open);
  }

  private void forEachOpenSocket(Consumer<SnapshotView> action) {
    onThisThread(
        () -> {
          try {
            source.drain(sink);
            source.openSockets(action);
          } catch (BpfException e) {
            LOG.warn("the sockets that are open can't be listed: {}", e.getMessage());
          }
        });
  }

  private synchronized boolean recording() {
    return !wanted.isEmpty();
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
    onThisThread(() -> urgent.writing(false));
  }
}
