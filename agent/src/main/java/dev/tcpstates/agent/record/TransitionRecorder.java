// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.bpf.Errno;
import dev.tcpstates.agent.bpf.OpenView;
import dev.tcpstates.agent.bpf.RecordHandler;
import dev.tcpstates.agent.bpf.TransitionView;
import dev.tcpstates.agent.sockets.OpenSocket;
import dev.tcpstates.agent.sockets.OpenSockets;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;

/** Joins the kernel's records with who opened the socket, and commits them. Not thread-safe. */
final class TransitionRecorder implements RecordHandler {
  private static final String UNKNOWN = "unknown: opened by no method that is hooked";

  private static final int CLOSE = TcpState.CLOSE.kernelValue();

  private final OpenSockets sockets;
  private final SiteDictionary dictionary;
  private final EventClock clock;
  private final TextCache addresses = new TextCache(Texts::address);
  private final TextCache taskNames = new TextCache(Texts::taskName);

  TransitionRecorder(OpenSockets sockets, SiteDictionary dictionary, EventClock clock) {
    this.sockets = sockets;
    this.dictionary = dictionary;
    this.clock = clock;
  }

  @Override
  public void transition(TransitionView record) {
    long socketId = record.socketId();
    OpenSocket opener = sockets.heardOf(socketId);
    StateChange event = new StateChange();
    long end = record.time();
    long start = record.oldSince();
    if (start == 0) {
      // Of a socket older than the agent, the state is known since the adoption.
      start = opener != null && opener.isAdopted() ? Math.min(opener.openedAt(), end) : end;
    }
    clock.set(event, start, end);
    if (event.shouldCommit()) {
      fill(event, record, opener, end - start);
      event.commit();
    }
    if (record.newState() == CLOSE) {
      sockets.ended(socketId);
    }
  }

  @Override
  public void ended(long socketId) {
    sockets.ended(socketId);
  }

  private void fill(StateChange event, TransitionView record, OpenSocket opener, long inState) {
    event.socketId = record.socketId();
    event.localAddress = addresses.text(record.localAddress(0), record.localAddress(1));
    event.localPort = record.localPort();
    event.address = addresses.text(record.remoteAddress(0), record.remoteAddress(1));
    event.port = record.remotePort();
    event.oldState = TcpState.nameOf(record.oldState());
    event.newState = TcpState.nameOf(record.newState());
    event.timeInState = inState;
    event.uncertainty = record.uncertainty();
    event.reason = record.error() == 0 ? null : Errno.name(record.error());
    event.taskId = record.taskId();
    event.taskName = taskNames.text(record.taskName(0), record.taskName(1));
    event.listenerId = record.listenerId();
    OpenSocket known = openerAt(opener, record.listenerId(), record.time());
    if (known == null) {
      event.openedBy = UNKNOWN;
    } else {
      event.openedBy = known.site().openedBy();
      event.openThread = known.threadName();
      event.openThreadId = known.threadId();
      event.openSiteId = known.site().id();
      dictionary.used(known.site());
    }
  }

  /** Records a socket that is open now. */
  void open(OpenView view) {
    if (view.adopted()) {
      sockets.adopted(view.socketId());
    }
    SocketState event = new SocketState();
    if (!event.isEnabled()) {
      return;
    }
    long now = System.nanoTime();
    OpenSocket known = openerAt(sockets.heardOf(view.socketId()), view.listenerId(), now);
    event.socketId = view.socketId();
    event.localAddress = addresses.text(view.localAddress(0), view.localAddress(1));
    event.localPort = view.localPort();
    event.address = addresses.text(view.remoteAddress(0), view.remoteAddress(1));
    event.port = view.remotePort();
    event.state = TcpState.nameOf(view.state());
    event.listenerId = view.listenerId();
    long since = view.since() == 0 && known != null ? known.openedAt() : view.since();
    event.timeInState = since == 0 ? 0 : Math.max(0, now - since);
    if (known == null) {
      event.openedBy = UNKNOWN;
    } else {
      event.openedBy = known.site().openedBy();
      event.openThread = known.threadName();
      event.openThreadId = known.threadId();
      event.openSiteId = known.site().id();
      dictionary.used(known.site());
    }
    event.commit();
  }

  /** Before {@code accept} has returned a socket, it is its listener's. */
  private OpenSocket openerAt(OpenSocket opener, long listenerId, long time) {
    if (listenerId != 0 && (opener == null || opener.openedAt() > time)) {
      OpenSocket listener = sockets.heardOf(listenerId);
      return listener == null ? opener : listener;
    }
    return opener;
  }
}
