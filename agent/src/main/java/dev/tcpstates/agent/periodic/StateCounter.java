// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StateCount;

/**
 * Counts the sockets in each state, as {@code ss} does and from where it does. The kernel side also
 * has counters of its own, but they follow the transitions: one that it was not run for puts them
 * wrong for ever. A snapshot is right whatever happened before.
 */
final class StateCounter implements SocketSnapshot.Visitor {
  private static final int STATES = TcpState.values().length + 1;

  private final TimeWaits timeWaits;
  private int[] counts = new int[STATES];

  StateCounter(TimeWaits timeWaits) {
    this.timeWaits = timeWaits;
  }

  @Override
  public void socket(SnapshotView socket) {
    if (socket.state() < STATES) {
      counts[socket.state()]++;
    }
  }

  @Override
  public void timeWait(long socketId, int state) {
    if (state < STATES && timeWaits.isOwn(socketId)) {
      counts[state]++;
    }
  }

  StateCount count(SocketSnapshot snapshot) {
    counts = new int[STATES];
    snapshot.forEach(this);
    StateCount event = new StateCount();
    event.inEstablished = in(TcpState.ESTABLISHED);
    event.inSynSent = in(TcpState.SYN_SENT);
    event.inSynRecv = in(TcpState.SYN_RECV) + in(TcpState.NEW_SYN_RECV);
    event.inFinWait1 = in(TcpState.FIN_WAIT1);
    event.inFinWait2 = in(TcpState.FIN_WAIT2);
    event.inTimeWait = in(TcpState.TIME_WAIT);
    event.inCloseWait = in(TcpState.CLOSE_WAIT);
    event.inLastAck = in(TcpState.LAST_ACK);
    event.inListen = in(TcpState.LISTEN);
    event.inClosing = in(TcpState.CLOSING);
    return event;
  }

  private int in(TcpState state) {
    return counts[state.kernelValue()];
  }
}
