// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieTable;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.TimeSpans;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StuckSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the sockets that stay too long in a transient state, or too long without progress. Not
 * thread-safe.
 */
final class StuckSockets {
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final long stuckAfterNanos;
  private final TextCache addresses;
  private final OpenerLookup openers;
  private final Progress progress = new Progress();

  /** Of the report that is being made; null until it is needed. */
  private Patience patience;

  /** The causes of the sockets that were stuck in the last snapshot, each as its number plus 1. */
  private CookieTable before = new CookieTable(1);

  StuckSockets(long stuckAfterNanos, TextCache addresses, OpenerLookup openers) {
    this.stuckAfterNanos = stuckAfterNanos;
    this.addresses = addresses;
    this.openers = openers;
  }

  /**
   * Returns an event for each stuck socket.
   *
   * @param all whether sockets are included that were stuck in the last snapshot, for the same
   *     cause
   */
  List<StuckSocket> report(SocketSnapshot now, boolean all) {
    List<StuckSocket> events = new ArrayList<>();
    CookieTable after = new CookieTable(1);
    patience = null;
    progress.begin();
    now.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            long since = openers.known(socket.since(), socket.socketId(), now.time());
            long timeInState = Math.max(0, now.time() - since);
            Stuck stuck = find(socket, timeInState, now.time());
            if (stuck == null || stuck.nanos < stuckAfterNanos) {
              return;
            }
            int cause = stuck.cause.ordinal() + 1;
            after.set(after.add(socket.socketId()), 0, cause);
            int known = before.find(socket.socketId());
            if (all || known < 0 || before.value(known, 0) != cause) {
              events.add(event(socket, stuck, timeInState, now.time()));
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    before = after;
    return events;
  }

  /** Why a socket makes no progress, and for how many ns. */
  private record Stuck(StuckCause cause, long nanos) {}

  /** Returns null if nothing is expected to happen. */
  private Stuck find(SnapshotView socket, long timeInState, long time) {
    if (isInAcceptQueue(socket)) {
      return new Stuck(StuckCause.NOT_ACCEPTED, timeInState);
    }
    return switch (TcpState.nameOf(socket.state())) {
      case "CLOSE_WAIT" -> new Stuck(StuckCause.NOT_CLOSED, timeInState);
      case "SYN_SENT", "SYN_RECV", "NEW_SYN_RECV" -> new Stuck(StuckCause.CONNECTING, timeInState);
      // Without a descriptor the kernel ends it by itself.
      case "FIN_WAIT2" -> socket.orphan() ? null : new Stuck(StuckCause.CLOSING, timeInState);
      case "FIN_WAIT1", "CLOSING", "LAST_ACK" ->
          new Stuck(StuckCause.UNACKNOWLEDGED, progress.unacknowledged(socket, timeInState, time));
      case "ESTABLISHED" -> {
        long unacknowledged = progress.unacknowledged(socket, timeInState, time);
        long unread = progress.unread(socket, time);
        yield unread > unacknowledged
            ? new Stuck(StuckCause.UNREAD, unread)
            : new Stuck(StuckCause.UNACKNOWLEDGED, unacknowledged);
      }
      default -> null;
    };
  }

  private boolean isInAcceptQueue(SnapshotView socket) {
    String state = TcpState.nameOf(socket.state());
    return (state.equals("ESTABLISHED") || state.equals("CLOSE_WAIT"))
        && socket.fd() == SnapshotView.NO_FD
        && !socket.orphan()
        && socket.listenerId() != 0
        && !openers.isAccepted(socket.socketId());
  }

  private StuckSocket event(SnapshotView socket, Stuck stuck, long timeInState, long time) {
    StuckSocket event = new StuckSocket();
    event.socketId = socket.socketId();
    event.listenerId = socket.listenerId();
    event.localAddress = addresses.text(socket.localAddress(0), socket.localAddress(1));
    event.localPort = socket.localPort();
    event.address = addresses.text(socket.remoteAddress(0), socket.remoteAddress(1));
    event.port = socket.remotePort();
    // A request sock is in SYN_RECV for ss and for users.
    event.state =
        socket.state() == NEW_SYN_RECV ? TcpState.SYN_RECV.name() : TcpState.nameOf(socket.state());
    event.cause = stuck.cause.name();
    event.stuckFor = stuck.nanos;
    event.timeInState = timeInState;
    event.sendQueue = socket.sendQueue();
    event.receiveQueue = socket.receiveQueue();
    event.retransmits = socket.retransmits();
    event.givesUpIn = TimeSpans.NOT_AVAILABLE;
    if (stuck.cause == StuckCause.UNACKNOWLEDGED) {
      patience = patience == null ? Patience.read() : patience;
      event.givesUpIn = TimeSpans.orNotAvailable(patience.left(socket));
    }
    event.lastSent = TimeSpans.orNotAvailable(socket.lastSent());
    event.lastReceived = TimeSpans.orNotAvailable(socket.lastReceived());
    Opener opener = openers.of(socket.socketId(), socket.listenerId(), socket.localPort(), time);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    return event;
  }
}
