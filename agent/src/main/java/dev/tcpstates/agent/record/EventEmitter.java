// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.opener.OpenSocket;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.util.concurrent.TimeUnit;

/** Joins the kernel's records with the openers, and emits them as events. Not thread-safe. */
public final class EventEmitter implements RecordSink {
  /** Remains if a reader of the recording drops fractions of a nanosecond. */
  private static final long LANE_GAP_NANOS = 2;

  /** Of a time that is not known, to Flight Recorder. */
  private static final long NOT_AVAILABLE = Long.MIN_VALUE;

  private static final int CLOSE = TcpState.CLOSE.kernelValue();

  private final OpenSockets sockets;
  private final OpenerLookup openers;
  private final EventTimes<StateChange> transitionTimes;
  private final EventTimes<Connection> connectionTimes;
  private final EventClock clock;
  private boolean hooked;

  private final TextCache addresses = new TextCache(Texts::address);
  private final TextCache taskNames = new TextCache(Texts::taskName);
  private final RetransmitEmitter retransmits;
  private final ResetEmitter resets;

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

  @Override
  public void transition(TransitionView record) {
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
      event.taskName = taskNames.text(record.taskName(0), record.taskName(1));
      event.listenerId = record.listenerId();
      Opener opener = openers.of(opened, record.listenerId(), end);
      event.openedBy = opener.by();
      event.openThread = opener.thread();
      event.openThreadId = opener.threadId();
      event.openSiteId = opener.siteId();
      event.commit();
    }
    if (record.newState() == CLOSE) {
      ended(socketId, record.oldState());
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
    if (!record.connectionWanted()) {
      return;
    }
    OpenSocket opened = sockets.findReported(record.socketId());
    Connection event = new Connection();
    long end = record.time();
    long start = OpenerLookup.known(record.opened(), opened, end);
    connectionTimes.set(event, clock.toTicks(start), clock.toTicks(end));
    if (!event.shouldCommit()) {
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
    event.end =
        record.isEndKnown()
            ? ConnectionEnd.of(record.oldState(), record.error(), record.aborted())
            : "UNKNOWN";
    event.uncertainty = record.uncertainty();
    event.closedBy =
        switch (record.closer()) {
          case ConnectionView.LOCAL -> "LOCAL";
          case ConnectionView.REMOTE -> "REMOTE";
          default -> null;
        };
    event.reason = record.error() == 0 ? null : Errno.name(record.error());
    event.timeEstablished = record.timeEstablished();
    event.timeCloseWait = record.timeCloseWait();
    event.timeFinWait = record.timeFinWait();
    event.timeLastAck = record.timeLastAck();
    long established = record.established();
    event.established = record.wasEstablished();
    if (event.established && established == 0) {
      event.handshakeTime = NOT_AVAILABLE;
      event.acceptQueueWait = passive ? NOT_AVAILABLE : 0;
      event.accepted = passive && opened != null && opened.openedAt() <= end;
    } else if (event.established) {
      event.handshakeTime = Math.max(0, established - start);
      if (passive) {
        // This record may be read long after the end, and accept have returned a dead socket.
        event.accepted = opened != null && opened.openedAt() <= end;
        long until = event.accepted ? opened.openedAt() : end;
        event.acceptQueueWait = Math.max(0, until - established);
      }
    }
    event.bytesSent = record.bytesSent();
    event.bytesReceived = record.bytesReceived();
    event.bytesRetransmitted = record.bytesRetransmitted();
    event.bytesUnread = Integer.toUnsignedLong(record.unread());
    event.segmentsSent = record.segmentsSent();
    event.segmentsReceived = record.segmentsReceived();
    event.retransmits = record.retransmits();
    // In nanoseconds: JMC takes a time in microseconds for a plain number.
    event.smoothedRtt = TimeUnit.MICROSECONDS.toNanos(record.smoothedRtt());
    event.minimumRtt = TimeUnit.MICROSECONDS.toNanos(Math.max(0, record.minimumRtt()));
    Opener opener = openers.of(opened, record.listenerId(), end);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }

  /** Of a polled connection the listener may be unknown: it was closed before the first poll. */
  private static boolean wasAccepted(OpenSocket opened) {
    return opened != null && opened.site().kind().equals("ACCEPT");
  }

  @Override
  public void retransmit(RetransmitView record) {
    retransmits.retransmit(record);
  }

  @Override
  public void reset(ResetView record) {
    resets.reset(record);
  }

  /** The records up to now have been read. */
  public void read() {
    resets.read();
  }

  @Override
  public void ended(long socketId, int oldState) {
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
    event.listenerId = view.listenerId();
    Opener opener = openers.of(opened, view.listenerId(), now);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }
}
