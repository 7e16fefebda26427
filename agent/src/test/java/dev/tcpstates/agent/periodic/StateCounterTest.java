// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StateCount;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateCounterTest {
  private static final int FIN_WAIT2 = TcpState.FIN_WAIT2.kernelValue();

  private final TimeWaits timeWaits = new TimeWaits(0, socketId -> false);
  private final StateCounter counter = new StateCounter(timeWaits);

  /** A different number of sockets in each state. */
  @Test
  void eachStateHasItsOwnNumber() {
    List<ByteBuffer> sockets = new ArrayList<>();
    for (TcpState state : TcpState.values()) {
      for (int i = 0; i < state.kernelValue(); i++) {
        sockets.add(
            Records.snapshot(100 * state.kernelValue() + i, state, 0)
                .putLong(SnapshotView.Offsets.LISTENER_ID, 100 * TcpState.LISTEN.kernelValue()));
      }
    }
    StateCount count = counter.count(Records.snapshotOf(0, sockets.toArray(new ByteBuffer[0])));
    assertEquals(1, count.inEstablished);
    assertEquals(2, count.inSynSent);
    assertEquals(3 + 12, count.inSynRecv, "with the request socks");
    assertEquals(4, count.inFinWait1);
    assertEquals(5, count.inFinWait2);
    assertEquals(6, count.inTimeWait);
    assertEquals(8, count.inCloseWait);
    assertEquals(9, count.inLastAck);
    assertEquals(10, count.inListen);
    assertEquals(11, count.inClosing);
  }

  @Test
  void onlyOwnSocketsInTimeWaitCount() {
    timeWaits.ended(1, FIN_WAIT2, 0);
    timeWaits.ended(2, FIN_WAIT2, 0);
    StateCount count =
        counter.count(
            Records.snapshotOf(
                0,
                Records.timeWait(1, TcpState.TIME_WAIT),
                Records.timeWait(2, TcpState.FIN_WAIT2),
                Records.timeWait(3, TcpState.TIME_WAIT)));
    assertEquals(1, count.inTimeWait);
    assertEquals(1, count.inFinWait2);
  }

  @Test
  void eachCountBeginsAtZero() {
    counter.count(Records.snapshotOf(0, Records.snapshot(1, TcpState.CLOSE_WAIT, 0)));
    StateCount count =
        counter.count(Records.snapshotOf(0, Records.snapshot(1, TcpState.LAST_ACK, 0)));
    assertEquals(0, count.inCloseWait);
    assertEquals(1, count.inLastAck);
  }
}
