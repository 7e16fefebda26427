// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeldRecordsTest {
  private static final int ECONNRESET = 104;
  private static final long CLOCK_OFFSET = 1_000;

  private final List<String> released = new ArrayList<>();
  private final RecordSink sink =
      new RecordSink() {
        @Override
        public void transition(TransitionView t) {
          released.add(t.socketId() + " " + t.time() + " " + t.error() + " " + t.accepted());
        }

        @Override
        public void connection(ConnectionView c) {
          released.add(c.socketId() + " " + c.time() + " " + c.aborted() + " " + c.accepted());
        }

        @Override
        public void retransmit(RetransmitView r) {
          released.add(r.socketId() + " " + r.time() + " " + r.segment());
        }

        @Override
        public void reset(ResetView r) {
          released.add(r.socketId() + " " + r.time() + " " + r.reason());
        }

        @Override
        public void ended(long socketId, int oldState) {
          released.add(socketId + " ended from " + oldState);
        }
      };

  /** The memory of a record is the ring's, and soon another record's. */
  private static void overwrite(ByteBuffer record) {
    for (int i = 0; i < record.capacity(); i++) {
      record.put(i, (byte) 0x5a);
    }
  }

  @Test
  void whatIsHeldStaysAsItWas() {
    HeldRecords held = new HeldRecords();
    ByteBuffer transition =
        Records.transition(1, TcpState.ESTABLISHED, TcpState.CLOSE, 10)
            .put(TransitionView.Offsets.ERROR, (byte) ECONNRESET)
            .put(TransitionView.Offsets.ACCEPTED, (byte) 1);
    held.transition(new TransitionView(transition, CLOCK_OFFSET));
    overwrite(transition);
    ByteBuffer connection =
        Records.connection(2, TcpState.ESTABLISHED, 5, 20)
            .put(ConnectionView.Offsets.ACCEPTED, (byte) 1);
    held.connection(new ConnectionView(connection, CLOCK_OFFSET));
    overwrite(connection);
    ByteBuffer retransmit = Records.retransmit(3, TcpState.ESTABLISHED, 4, 30);
    held.retransmit(new RetransmitView(retransmit, CLOCK_OFFSET));
    overwrite(retransmit);
    ByteBuffer reset =
        Records.reset(4, TcpState.ESTABLISHED, 1, 40).putShort(ResetView.Offsets.REASON, (short) 3);
    held.reset(new ResetView(reset, CLOCK_OFFSET, Map.of(3, "WHY")));
    overwrite(reset);
    held.ended(5, 6);
    held.release(sink);
    List<String> expected =
        List.of(
            "1 1010 104 true", "2 1020 false true", "3 1030 FIN", "4 1040 WHY", "5 ended from 6");
    assertEquals(expected, released);
    held.release(sink);
    assertEquals(expected, released);
  }
}
