// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.opener.FailedConnect;
import dev.tcpstates.agent.opener.OpenSocket;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.util.Map;

/** Joins the kernel's records with the openers, and emits them as events. Not thread-safe. */
public final class EventEmitter implements RecordSink {
  /** Remains if a reader of the recording drops fractions of a nanosecond. */
  private static final long LANE_GAP_NANOS = 2;

  private static final int CLOSE = TcpState.CLOSE.kernelValue();
  private static final int SYN_SENT = TcpState.SYN_SENT.kernelValue();

  /** In the words of an IPv6 address, that it is an IPv4 address. */
  private static final long MAPPED = 0xffff;

  /** The task on the CPU if that is of another PID namespace: its name may be confidential. */
  private static final String OTHER_PROCESS = "other process";

  private final OpenSockets sockets;
  private final OpenerLookup openers;
  private final EventTimes<StateChange> transitionTimes;
  private final EventTimes<Connection> connectionTimes;
  private final EventClock clock;
  private final EventFilter filter = new EventFilter(this::emit);
  private boolean hooked;
  private RecordObserver observer;

  private final TextCache addresses = new TextCache(Texts::address);
  private final TextCache taskNames = new TextCache(Texts::taskName);
  private final RetransmitEmitter retransmits;
  private final ResetEmitter resets;
  private final FailedConnects failedConnects = new FailedConnects(this::end);

  public EventEmitter(
      OpenSockets sockets, OpenerLookup openers, RecordTimes times, EventClock clock) {
    this.sockets = sockets;
    this.openers = openers;
    this.transitionTimes = times.transitions();
    this.connectionTimes = times.connections();
    this.clock = clock;
    this.retransmits = new RetransmitEmitter(openers, clock, addresses, times.retransmits());
    this.resets = new ResetEmitter(openers, clock, addresses, times.resets());
  }

  /** From now on, a socket that no hook reported was opened by a method that is not hooked. */
  public void hooked() {
    hooked = true;
  }

  /** Shows an observer what the records mean, from now on; {@code null} for none. */
  public void observe(RecordObserver newObserver) {
    observer = newObserver;
    resets.observe(newObserver);
  }

  /**
   * Sets which records become events, where the source makes more of them for the observer.
   *
   * @param included of each kind of record; of one that is missing, all are included
   */
  public void filter(Map<RecordType, SocketFilter> included) {
    filter.set(included);
  }

  @Override
  public void transition(TransitionView record) {
    if (observer != null) {
      observer.transition(record);
    }
    filter.transition(record);
    if (record.newState() == CLOSE) {
      ended(record.socketId(), record.oldState());
    }
  }

  private void emit(TransitionView record) {
    long socketId = record.socketId();
    OpenSocket opened = sockets.findReported(socketId);
    if (opened == null && !hooked && record.listenerId() == 0) {
      sockets.adopted(socketId, SnapshotView.NO_FD, true);
      opened = sockets.findReported(socketId);
    }
    StateChange event = new StateChange();
    long end = record.time();
    long start = OpenerLookup.known(record.oldSince(), opened, end);
    setTimes(event, start, end);
    if (event.shouldCommit()) {
      event.socketId = socketId;
      event.localAddress = addresses.text(record.localAddress(0), record.localAddress(1));
      event.localPort = record.localPort();
      event.address = addresses.text(record.remoteAddress(0), record.remoteAddress(1));
      event.port = record.remotePort();
      event.oldState = TcpState.nameOf(record.oldState());
      event.newState = TcpState.nameOf(record.newState());
      event.timeInState = end - start;
      event.uncertainty = record.uncertainty();
      event.reason = record.error() == 0 ? null : Errno.name(record.error());
      event.taskId = record.taskId();
      event.taskName =
          event.taskId == 0 && record.taskName(0) == 0
              ? OTHER_PROCESS
              : taskNames.text(record.taskName(0), record.taskName(1));
      event.listenerId = record.listenerId();
      Opener opener = openers.of(opened, record.listenerId(), record.localPort(), end);
      event.openedBy = opener.by();
      event.openThread = opener.thread();
      event.openThreadId = opener.threadId();
      event.openSiteId = opener.siteId();
      event.commit();
    }
  }

  /**
   * From just after the state was entered. JMC (9.1) sorts a thread's events into lanes, in which
   * none may begin when another ends: if one does, it drops whole lanes and shows others twice.
   */
  private void setTimes(StateChange event, long start, long end) {
    long entered = clock.toTicks(start);
    long left = clock.toTicks(end);
    if (entered != 0) {
      long apart = Math.max(1, clock.toTicks(start + LANE_GAP_NANOS) - entered);
      transitionTimes.set(event, Math.min(entered + apart, left - 1), left);
    }
  }

  @Override
  public void connection(ConnectionView record) {
    boolean wanted = record.connectionWanted();
    if (!wanted && observer == null) {
      return;
    }
    if (observer != null) {
      observer.ended(record);
    }
    OpenSocket opened = sockets.findReported(record.socketId());
    Connection event = new Connection();
    long end = record.time();
    long start = OpenerLookup.known(record.opened(), opened, end);
    connectionTimes.set(event, clock.toTicks(start), clock.toTicks(end));
    if (!event.shouldCommit() && observer == null) {
      return;
    }
    event.socketId = record.socketId();
    event.listenerId = record.listenerId();
    boolean passive = record.listenerId() != 0 || wasAccepted(opened);
    event.kind = passive ? "ACCEPT" : "CONNECT";
    event.localAddress = addresses.text(record.localAddress(0), record.localAddress(1));
    event.localPort = record.localPort();
    event.address = addresses.text(record.remoteAddress(0), record.remoteAddress(1));
    event.port = record.remotePort();
    int error = record.error();
    boolean gaveUp = record.isEndKnown() && error == 0 && record.oldState() == SYN_SENT;
    if (gaveUp && record.localPort() == 0) {
      error = Errno.EADDRNOTAVAIL; // the kernel found none: a connect that waits has a port
    }
    event.end =
        record.isEndKnown()
            ? ConnectionEnd.of(record.oldState(), error, record.aborted())
            : "UNKNOWN";
    event.uncertainty = record.uncertainty();
    event.closedBy =
        switch (record.closer()) {
          case ConnectionView.LOCAL -> "LOCAL";
          case ConnectionView.REMOTE -> "REMOTE";
          default -> null;
        };
    event.reason = error == 0 ? null : Errno.name(error);
    event.timeEstablished = record.timeEstablished();
    event.timeCloseWait = record.timeCloseWait();
    event.timeFinWait = record.timeFinWait();
    event.timeLastAck = record.timeLastAck();
    long established = record.established();
    event.established = record.wasEstablished();
    event.handshakeTime = TimeSpans.NOT_AVAILABLE;
    event.acceptQueueWait = TimeSpans.NOT_AVAILABLE;
    // This record may be read long after the end, and accept have returned a dead socket.
    event.accepted = passive && event.established && opened != null && opened.openedAt() <= end;
    if (established != 0) {
      event.handshakeTime = Math.max(0, established - start);
      if (passive) {
        long until = event.accepted ? opened.openedAt() : end;
        event.acceptQueueWait = Math.max(0, until - established);
      }
    }
    event.idleBefore = record.idle() == 0 ? TimeSpans.NOT_AVAILABLE : record.idle();
    event.bytesSent = record.bytesSent();
    event.bytesReceived = record.bytesReceived();
    event.bytesRetransmitted = record.bytesRetransmitted();
    event.bytesUnread = Integer.toUnsignedLong(record.unread());
    event.segmentsSent = record.segmentsSent();
    event.segmentsReceived = record.segmentsReceived();
    event.retransmits = record.retransmits();
    // In nanoseconds: JMC takes a time in microseconds for a plain number.
    event.smoothedRtt = TimeSpans.roundTrip(record.smoothedRtt());
    event.minimumRtt = TimeSpans.roundTrip(record.minimumRtt());
    Opener opener = openers.of(opened, record.listenerId(), record.localPort(), end);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    long nanos = Math.max(0, end - start);
    if (gaveUp && error == 0) {
      failedConnects.hold(event, nanos, wanted, System.nanoTime());
    } else {
      end(event, nanos, wanted);
    }
  }

  private void end(Connection event, long nanos, boolean wanted) {
    if (wanted) {
      event.commit();
    }
    if (observer != null) {
      observer.connection(event, nanos);
    }
  }

  /** Of a polled connection the listener may be unknown: it was closed before the first poll. */
  private static boolean wasAccepted(OpenSocket opened) {
    return opened != null && opened.site().kind().equals("ACCEPT");
  }

  @Override
  public void retransmit(RetransmitView record) {
    if (observer != null) {
      observer.retransmit(record);
    }
    if (filter.includes(RecordType.RETRANSMITS, record)) {
      retransmits.retransmit(record);
    }
  }

  @Override
  public void reset(ResetView record) {
    resets.reset(record, filter.includes(RecordType.RESETS, record));
  }

  /**
   * The records up to now have been read.
   *
   * @param since when that began, in ns of {@code System.nanoTime()}
   * @param connections which connections are recorded; null if none are, or they are polled
   * @param observed which the observer is shown; null if there is none, or they are polled
   */
  public void read(long since, SocketFilter connections, SocketFilter observed) {
    resets.read();
    failedConnects.read(
        sockets.failedConnects(),
        since,
        System.nanoTime(),
        (connect, errno) -> {
          if ((connections != null || observed != null) && sockets.isUnused(connect.socketId())) {
            failed(connect, errno, includes(connections, connect), includes(observed, connect));
          }
        });
  }

  /** A chunk ends or begins: what is held belongs into the chunk that ends. */
  public void chunkEdge() {
    failedConnects.endHeld();
  }

  private static boolean includes(SocketFilter filter, FailedConnect connect) {
    return filter != null
        && filter.includes(
            0, connect.port(), 0, anyAddress(connect), connect.high(), connect.low());
  }

  private static boolean isIpv4(FailedConnect connect) {
    return connect.high() == 0 && connect.low() >>> Integer.SIZE == MAPPED;
  }

  /** The last eight bytes of the local address of a socket that is bound to none. */
  private static long anyAddress(FailedConnect connect) {
    return isIpv4(connect) ? MAPPED << Integer.SIZE : 0;
  }

  /** A connect that failed without any transition. */
  private void failed(FailedConnect connect, int errno, boolean recorded, boolean observed) {
    Connection event = new Connection();
    long ticks = clock.toTicks(connect.time());
    connectionTimes.set(event, ticks, ticks);
    if (!(recorded && event.shouldCommit()) && !observed) {
      return;
    }
    event.socketId = connect.socketId();
    event.kind = "CONNECT";
    event.localAddress = isIpv4(connect) ? "0.0.0.0" : "::";
    event.address = Texts.address(connect.high(), connect.low());
    event.port = connect.port();
    event.end = "ERROR";
    if (errno != 0) {
      ConnectionEnd.set(event, errno);
    }
    event.handshakeTime = TimeSpans.NOT_AVAILABLE;
    event.acceptQueueWait = TimeSpans.NOT_AVAILABLE;
    event.idleBefore = TimeSpans.NOT_AVAILABLE;
    event.smoothedRtt = TimeSpans.NOT_AVAILABLE;
    event.minimumRtt = TimeSpans.NOT_AVAILABLE;
    Opener opener = openers.of(connect.socketId(), 0, 0, connect.time());
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    if (recorded) {
      event.commit();
    }
    if (observed) {
      observer.connection(event, 0);
    }
  }

  @Override
  public void ended(long socketId, int oldState) {
    if (oldState == SYN_SENT) {
      failedConnects.ended(socketId, System.nanoTime());
    }
    filter.ended(socketId);
    openers.ended(socketId);
  }

  /** Records a socket that is open now. */
  public void open(SnapshotView view) {
    boolean used = view.isUsed();
    if (view.adopted()) {
      sockets.adopted(view.socketId(), view.fd(), used);
    }
    SocketState event = new SocketState();
    if (!used || view.excluded() || !event.isEnabled()) {
      return;
    }
    long now = System.nanoTime();
    OpenSocket opened = sockets.findReported(view.socketId());
    event.socketId = view.socketId();
    event.localAddress = addresses.text(view.localAddress(0), view.localAddress(1));
    event.localPort = view.localPort();
    event.address = addresses.text(view.remoteAddress(0), view.remoteAddress(1));
    event.port = view.remotePort();
    event.state = TcpState.nameOf(view.markState());
    event.timeInState = Math.max(0, now - OpenerLookup.known(view.markSince(), opened, now));
    if (view.state() != TcpState.LISTEN.kernelValue()) {
      event.sendQueue = view.sendQueue();
      event.receiveQueue = view.receiveQueue();
    }
    event.lastSent = TimeSpans.orNotAvailable(view.lastSent());
    event.lastReceived = TimeSpans.orNotAvailable(view.lastReceived());
    event.listenerId = view.listenerId();
    Opener opener = openers.of(opened, view.listenerId(), view.localPort(), now);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }
}
