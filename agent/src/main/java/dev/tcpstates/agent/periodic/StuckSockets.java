// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.record.Opener;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StuckSocket;

/** Emits a {@code StuckSocket} event for each socket that stays too long in a transient state. */
final class StuckSockets implements SocketSnapshot.Visitor {
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final long stuckAfterNanos;
  private final TextCache addresses;
  private final OpenerLookup openers;

  StuckSockets(long stuckAfterNanos, TextCache addresses, OpenerLookup openers) {
    this.stuckAfterNanos = stuckAfterNanos;
    this.addresses = addresses;
    this.openers = openers;
  }

  void report(SocketSnapshot now) {
    now.forEach(this);
  }

  private static boolean isTransient(SnapshotView socket) {
    return switch (TcpState.nameOf(socket.state())) {
      case "CLOSE_WAIT", "SYN_SENT", "SYN_RECV", "NEW_SYN_RECV", "LAST_ACK" -> true;
      // Without a descriptor the kernel ends it by itself.
      case "FIN_WAIT2" -> !socket.orphan();
      default -> false;
    };
  }

  @Override
  public void socket(SnapshotView socket) {
    if (isTransient(socket)) {
      reportIfStuck(socket);
    }
  }

  private void reportIfStuck(SnapshotView socket) {
    long now = System.nanoTime();
    long age = now - openers.known(socket.since(), socket.socketId(), now);
    if (age < stuckAfterNanos) {
      return;
    }
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
    event.timeInState = age;
    event.sendQueue = socket.sendQueue();
    event.receiveQueue = socket.receiveQueue();
    Opener opener = openers.of(socket.socketId(), socket.listenerId(), now);
    event.openedBy = opener.by();
    event.openThread = opener.thread();
    event.openThreadId = opener.threadId();
    event.openSiteId = opener.siteId();
    event.commit();
  }

  @Override
  public void timeWait(long socketId, int state) {}
}
