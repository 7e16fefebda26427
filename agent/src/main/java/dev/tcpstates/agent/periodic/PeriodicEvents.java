// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.record.EventRegistration;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.Texts;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.SocketWait;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;

/**
 * The events that are made from snapshots of the kernel's sockets. No snapshot is taken while no
 * recording has them enabled. Not thread-safe: all but {@link #register} runs under the lock of the
 * reader.
 */
public final class PeriodicEvents implements RecordSink {
  /**
   * What the user chose.
   *
   * @param stuckAfterNanos how long a socket may be in a transient state, or without progress
   * @param throughputTop how many sockets have a Throughput event of their own
   */
  public record Limits(long stuckAfterNanos, int throughputTop) {}

  /** Takes snapshots, each after draining the records up to then; {@code null} if it can't. */
  public interface Snapshots {
    /** This JVM's sockets. */
    SocketSnapshot ownSockets();

    /** All sockets in the kernel's table, which can be many more. */
    SocketSnapshot table();

    /** The cookie of the socket that a descriptor refers to; 0 if it is no socket. */
    long cookie(int fd);
  }

  /** JFR requests events of the same period right after each other: they share a snapshot. */
  private static final long SHARED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** A chunk end is followed at once by the next chunk's start: no interval of its own. */
  private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Within this time, Flight Recorder requests all events of one chunk end. */
  private static final long CHUNK_END_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int CLOSE = TcpState.CLOSE.kernelValue();

  /** Made when the event types are registered. */
  private static final class Types {
    static final EventType THROUGHPUT = EventType.getEventType(Throughput.class);
    static final EventType LISTEN_QUEUE = EventType.getEventType(ListenQueue.class);
    static final EventType STUCK_SOCKET = EventType.getEventType(StuckSocket.class);
  }

  private final Snapshots snapshots;
  private final TimeWaits timeWaits;
  private final StateCounter states;
  private final ThroughputMeter meter;
  private final ListenQueues listeners;
  private final StuckSockets stuck;
  private final SocketWaits waits;

  /**
   * For {@link #totals}: what is stuck, and for how long, is known from one snapshot to the next.
   */
  private final StuckSockets stuckTotals;

  private final TextCache addresses = new TextCache(Texts::address);
  private final OpenerLookup openers;
  private boolean ready;
  private boolean listening;
  private long stuckReported;
  private boolean chunkEnded;
  private SocketSnapshot last;
  private long lastTaken;

  public PeriodicEvents(Snapshots snapshots, Limits limits, OpenerLookup openers) {
    this.snapshots = snapshots;
    timeWaits = new TimeWaits(System.nanoTime(), openers::knows);
    states = new StateCounter(timeWaits);
    this.openers = openers;
    meter = new ThroughputMeter(limits.throughputTop(), addresses, openers);
    listeners = new ListenQueues(addresses, openers);
    stuck = new StuckSockets(limits.stuckAfterNanos(), addresses, openers);
    waits = new SocketWaits(new BlockedThreads(), snapshots::cookie, addresses, openers);
    stuckTotals = new StuckSockets(limits.stuckAfterNanos(), addresses, openers);
    stuckReported = System.nanoTime() - CHUNK_END_NANOS;
  }

  /** Runs a report on what works now; does nothing while nothing does. */
  public interface Current {
    void run(Consumer<PeriodicEvents> report);
  }

  /** Has JFR ask for the events; once in a JVM's life. */
  public static void register(Current current) {
    // First, for it takes a snapshot of its own, which the others can share.
    register(Throughput.class, current, PeriodicEvents::reportThroughput);
    register(StateCount.class, current, PeriodicEvents::reportStates);
    register(ListenQueue.class, current, PeriodicEvents::reportListeners);
    register(StuckSocket.class, current, events -> events.reportStuck(false));
    register(SocketWait.class, current, PeriodicEvents::reportWaits);
    Types.THROUGHPUT.isEnabled(); // here, without the reader's lock: JFR takes its own
  }

  private static boolean isMeasured() {
    return EventRegistration.isDone() && Types.THROUGHPUT.isEnabled();
  }

  private static boolean isListening() {
    return EventRegistration.isDone() && Types.LISTEN_QUEUE.isEnabled();
  }

  private static void register(
      Class<? extends Event> type, Current current, Consumer<PeriodicEvents> report) {
    FlightRecorder.register(type);
    FlightRecorder.addPeriodicEvent(type, () -> current.run(report));
  }

  private static boolean isStuckReported() {
    return EventRegistration.isDone() && Types.STUCK_SOCKET.isEnabled();
  }

  /** To be called when all open sockets are owned: measuring can begin. */
  public void ready() {
    ready = true;
  }

  /** Whether records of ended connections are needed. */
  public boolean wantsConnections() {
    return isMeasured();
  }

  /** Starts and stops measuring as recordings enable the events; to be called regularly. */
  public void update() {
    if (ready && isMeasured() != meter.running()) {
      if (meter.running()) {
        meter.stop();
      } else {
        SocketSnapshot now = snapshotForMeter();
        if (now != null) {
          meter.start(now);
        }
      }
    }
    if (ready && isListening() != listening) {
      SocketSnapshot now = listening ? null : shared();
      if (now != null) {
        listeners.start(now);
      }
      listening = now != null;
    }
    long now = System.nanoTime();
    timeWaits.forget(now);
    if (last != null && now - lastTaken > SHARED_NANOS) {
      last = null;
    }
  }

  @Override
  public void transition(TransitionView transition) {
    if (transition.newState() == CLOSE) {
      timeWaits.ended(transition.socketId(), transition.oldState(), transition.time());
    }
  }

  @Override
  public void connection(ConnectionView connection) {
    meter.ended(connection);
  }

  @Override
  public void ended(long socketId, int oldState) {
    timeWaits.ended(socketId, oldState, System.nanoTime());
  }

  /** A socket has ended without a record. */
  public void gone(long socketId) {
    timeWaits.gone(socketId);
  }

  /**
   * At a chunk start or end: bytes up to now belong into the chunk that ends, and so does what is
   * stuck.
   */
  public void chunkEdge() {
    if (meter.running() && System.nanoTime() - meter.since() > SHORTEST_NANOS) {
      reportThroughput();
    }
    long apart = chunkEnded ? CHUNK_END_NANOS : SHARED_NANOS;
    if (ready && isStuckReported() && System.nanoTime() - stuckReported > apart) {
      reportStuck(true);
      stuckReported = System.nanoTime();
      chunkEnded = true;
    }
  }

  /** At a chunk start, before {@link #chunkEdge}: what is stuck is in the chunk that has ended. */
  public void chunkBegun() {
    stuckReported = System.nanoTime();
    chunkEnded = false;
  }

  private void reportThroughput() {
    if (meter.running()) {
      SocketSnapshot now = snapshotForMeter();
      List<Throughput> events = now == null ? List.of() : meter.report(now);
      events.forEach(Throughput::commit);
    }
  }

  private void reportStates() {
    SocketSnapshot now = snapshots.table();
    if (now != null) {
      states.count(now).commit();
    }
  }

  private void reportListeners() {
    SocketSnapshot now = listening ? shared() : null;
    if (now != null) {
      listeners.report(now);
    }
  }

  private void reportStuck(boolean all) {
    SocketSnapshot now = shared();
    if (now != null) {
      stuck.report(now, all).forEach(StuckSocket::commit);
    }
  }

  private void reportWaits() {
    SocketSnapshot now = ready ? shared() : null;
    if (now != null) {
      waits.report(now).forEach(SocketWait::commit);
    }
  }

  /**
   * Returns the event that the kernel refuses to this process and why, as {@code
   * AgentState.missing} has it; null if there is none, or no recording has the event enabled.
   */
  public static String missing() {
    if (!EventType.getEventType(SocketWait.class).isEnabled()) {
      return null;
    }
    String problem = new BlockedThreads().problem();
    return problem == null ? null : "SocketWait (" + problem + ")";
  }

  /**
   * Takes a snapshot of its own and adds up what it shows.
   *
   * @param listed whether {@link SocketTotals#established} is needed
   * @param connections takes each connection, and attempt at one
   * @return {@code null} if the sockets can't be listed
   */
  public SocketTotals totals(boolean listed, Consumer<SnapshotView> connections) {
    SocketSnapshot table = snapshots.table();
    SocketSnapshot now = table == null ? snapshots.ownSockets() : table;
    if (now == null) {
      return null;
    }
    return new SocketTotals(
        now,
        table != null,
        listed,
        connections,
        timeWaits,
        openers,
        socket -> addresses.text(socket.remoteAddress(0), socket.remoteAddress(1)),
        stuckTotals.report(now, true));
  }

  private SocketSnapshot shared() {
    if (last == null || System.nanoTime() - lastTaken > SHARED_NANOS) {
      take();
    }
    return last;
  }

  private SocketSnapshot snapshotForMeter() {
    take();
    return last;
  }

  private void take() {
    last = snapshots.ownSockets();
    lastTaken = System.nanoTime();
  }
}
