// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The reader against memory written as the kernel writes it. */
class RingBufferTest {
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;

  private final FakeRing memory = new FakeRing();
  private final RingBuffer ring = memory.reader;
  private final List<String> seen = new ArrayList<>();
  private final RecordSink handler =
      new RecordSink() {
        @Override
        public void transition(TransitionView t) {
          seen.add("transition " + t.socketId());
        }

        @Override
        public void connection(ConnectionView c) {
          seen.add("connection " + c.socketId());
        }

        @Override
        public void ended(long socketId, int oldState) {
          seen.add("end " + socketId);
        }
      };

  private static byte[] transition(long socketId) {
    return Records.transition(socketId, TcpState.CLOSE, TcpState.SYN_SENT, 1).array();
  }

  private static byte[] end(long socketId) {
    return Records.end(socketId, TcpState.LAST_ACK).array();
  }

  private int submit(byte[] record, int flags) {
    return memory.submit(record, flags);
  }

  /**
   * As in a time namespace, where the kernel's clock is another one. 0 means that none is known.
   */
  @Test
  void timesAreOfTheJvmsClock() {
    long day = TimeUnit.DAYS.toNanos(1);
    FakeRing shifted = new FakeRing(day);
    shifted.submit(Records.transition(7, TcpState.CLOSE, TcpState.SYN_SENT, 100));
    shifted.submit(Records.connection(7, TcpState.LAST_ACK, 100, 300));
    shifted.submit(Records.retransmit(7, TcpState.SYN_SENT, 1, 200));
    shifted.submit(Records.reset(7, TcpState.ESTABLISHED, 0, 250));
    List<Long> times = new ArrayList<>();
    shifted.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView t) {
            times.addAll(List.of(t.time(), t.oldSince()));
          }

          @Override
          public void connection(ConnectionView c) {
            times.addAll(List.of(c.opened(), c.established(), c.time()));
          }

          @Override
          public void retransmit(RetransmitView r) {
            times.add(r.time());
          }

          @Override
          public void reset(ResetView r) {
            times.add(r.time());
          }

          @Override
          public void ended(long socketId, int oldState) {}
        });
    assertEquals(List.of(day + 100, 0L, day + 100, 0L, day + 300, day + 200, day + 250), times);
  }

  @Test
  void recordsComeInOrderAndAreGivenBack() {
    submit(transition(7), 0);
    submit(end(8), 0);
    submit(transition(9), 0);
    ring.drain(handler);
    assertEquals(List.of("transition 7", "end 8", "transition 9"), seen);
    assertEquals(memory.written(), memory.consumer.getLong(0));
    assertEquals(3, ring.read());
    ring.drain(handler);
    assertEquals(3, seen.size());
  }

  @Test
  void aRecordThatIsStillBeingWrittenHoldsUpThoseBehindIt() {
    submit(transition(1), 0);
    int busy = submit(transition(2), BUSY);
    submit(transition(3), 0);
    ring.drain(handler);
    assertEquals(List.of("transition 1"), seen);
    memory.writeLength(busy, TransitionView.Offsets.BYTES);
    ring.drain(handler);
    assertEquals(List.of("transition 1", "transition 2", "transition 3"), seen);
  }

  @Test
  void discardedRecordsArePassedOver() {
    submit(transition(1), DISCARDED);
    submit(transition(2), 0);
    ring.drain(handler);
    assertEquals(List.of("transition 2"), seen);
    assertEquals(0, ring.unreadable());
  }

  @Test
  void theRingWrapsAroundManyTimes() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      submit(transition(i), 0);
      expected.add("transition " + i);
      if (i % 30 == 0) {
        ring.drain(handler);
      }
    }
    ring.drain(handler);
    assertEquals(expected, seen);
  }

  @Test
  void unknownKindsVersionsAndSizesAreCountedAndSurvived() {
    byte[] kind = transition(1);
    kind[Header.KIND] = 77;
    byte[] version = transition(2);
    version[Header.VERSION] = 77;
    byte[] size = transition(3);
    size[Header.SIZE] = 77;
    submit(kind, 0);
    submit(version, 0);
    submit(size, 0);
    submit(new byte[4], 0);
    submit(new byte[0], 0);
    submit(transition(4), 0);
    ring.drain(handler);
    assertEquals(List.of("transition 4"), seen);
    assertEquals(5, ring.unreadable());
    assertNull(ring.firstError());
  }

  @Test
  void aLengthBeyondWhatIsThereIsSurvived() {
    submit(transition(1), 0);
    int at = submit(transition(2), 0);
    memory.writeLength(at, 1 << 20);
    ring.drain(handler);
    assertEquals(List.of("transition 1"), seen);
    assertEquals(1, ring.unreadable());
    submit(transition(3), 0);
    ring.drain(handler);
    assertEquals(List.of("transition 1", "transition 3"), seen);
  }

  @Test
  void aHandlerThatThrowsLosesItsRecordOnly() {
    RuntimeException error = new RuntimeException("at work");
    submit(transition(1), 0);
    submit(end(2), 0);
    ring.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView t) {
            throw error;
          }

          @Override
          public void connection(ConnectionView c) {
            seen.add("connection " + c.socketId());
          }

          @Override
          public void ended(long socketId, int oldState) {
            handler.ended(socketId, oldState);
          }
        });
    assertEquals(List.of("end 2"), seen);
    assertEquals(1, ring.unreadable());
    assertSame(error, ring.firstError());
  }

  @Test
  void everyFieldIsReadFromItsPlace() {
    ByteBuffer record =
        ByteBuffer.wrap(transition(0x1122334455667788L)).order(ByteOrder.nativeOrder());
    record.putInt(TransitionView.Offsets.TASK_ID, 4711);
    record.putLong(TransitionView.Offsets.LISTENER_ID, 11);
    record.putLong(TransitionView.Offsets.TIME_NS, 12);
    record.putLong(TransitionView.Offsets.OLD_SINCE_NS, 13);
    record.putLong(TransitionView.Offsets.UNCERTAINTY_NS, 14);
    for (int i = 0; i < 16; i++) {
      record.put(TransitionView.Offsets.LOCAL_ADDR + i, (byte) i);
      record.put(TransitionView.Offsets.REMOTE_ADDR + i, (byte) (0xf0 + i));
      record.put(TransitionView.Offsets.TASK_NAME + i, (byte) ('a' + i));
    }
    record.putShort(TransitionView.Offsets.LOCAL_PORT, (short) 65_535);
    record.putShort(TransitionView.Offsets.REMOTE_PORT, (short) 443);
    record.put(TransitionView.Offsets.OLD_STATE, (byte) 200);
    record.put(TransitionView.Offsets.NEW_STATE, (byte) 7);
    record.putShort(TransitionView.Offsets.ERROR, (short) 111);
    submit(record.array(), 0);
    List<Object> read = new ArrayList<>();
    ring.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView t) {
            read.addAll(
                List.of(
                    t.socketId(),
                    t.taskId(),
                    t.listenerId(),
                    t.time(),
                    t.oldSince(),
                    t.uncertainty(),
                    t.localAddress(0),
                    t.localAddress(1),
                    t.remoteAddress(0),
                    t.remoteAddress(1),
                    t.localPort(),
                    t.remotePort(),
                    t.oldState(),
                    t.newState(),
                    t.error(),
                    t.taskName(0),
                    t.taskName(1)));
          }

          @Override
          public void connection(ConnectionView c) {
            seen.add("connection " + c.socketId());
          }

          @Override
          public void ended(long socketId, int oldState) {}
        });
    assertEquals(
        List.<Object>of(
            0x1122334455667788L,
            4711,
            11L,
            12L,
            13L,
            14L,
            0x0001020304050607L,
            0x08090a0b0c0d0e0fL,
            0xf0f1f2f3f4f5f6f7L,
            0xf8f9fafbfcfdfeffL,
            65_535,
            443,
            200,
            7,
            111,
            0x6162636465666768L,
            0x696a6b6c6d6e6f70L),
        read);
  }
}
