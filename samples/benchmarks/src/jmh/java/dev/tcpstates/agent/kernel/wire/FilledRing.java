// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Header;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** A ring buffer full of transitions, as the kernel leaves it; it can be read again and again. */
public final class FilledRing {
  /** Of each filling. */
  public static final int RECORDS = 1_000;

  private static final int PAGE = 4096;
  private static final int SIZE = 1 << 17;
  private static final int HEADER = 8;

  private static final int[] STATES = {7, 2, 1, 4, 5}; // of a socket that closes first, then CLOSE

  private final ByteBuffer consumer = memory(PAGE);
  private final ByteBuffer producer = memory((int) RingBuffer.producerLength(PAGE, SIZE));

  /**
   * Fills it.
   *
   * @param firstSocket the id of the first socket, each of which has five transitions
   */
  public FilledRing(long firstSocket) {
    int at = PAGE;
    for (int i = 0; i < RECORDS; i++) {
      producer.putInt(at, TransitionView.Offsets.BYTES);
      write(at + HEADER, firstSocket + i / STATES.length, i % STATES.length);
      at += HEADER + TransitionView.Offsets.BYTES;
    }
    producer.putLong(0, at - PAGE);
  }

  private static ByteBuffer memory(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  private void write(int at, long socketId, int step) {
    long time = System.nanoTime();
    producer.putShort(at + Header.SIZE, (short) TransitionView.Offsets.BYTES);
    producer.put(at + Header.VERSION, (byte) Layout.VERSION);
    producer.put(at + Header.KIND, (byte) Layout.KIND_TRANSITION);
    producer.putLong(at + TransitionView.Offsets.SOCKET_ID, socketId);
    producer.putLong(at + TransitionView.Offsets.TIME_NS, time);
    producer.putLong(at + TransitionView.Offsets.OLD_SINCE_NS, time - 10_000);
    for (int address :
        new int[] {TransitionView.Offsets.LOCAL_ADDR, TransitionView.Offsets.REMOTE_ADDR}) {
      producer.putShort(at + address + 10, (short) -1);
      producer.put(at + address + 12, (byte) 127).put(at + address + 15, (byte) 1);
    }
    producer.putShort(at + TransitionView.Offsets.LOCAL_PORT, (short) 40_000);
    producer.putShort(at + TransitionView.Offsets.REMOTE_PORT, (short) 8_080);
    producer.put(at + TransitionView.Offsets.OLD_STATE, (byte) STATES[step]);
    producer.put(at + TransitionView.Offsets.NEW_STATE, (byte) STATES[(step + 1) % STATES.length]);
    producer.putInt(at + TransitionView.Offsets.TASK_ID, 4_711);
    producer
        .put(at + TransitionView.Offsets.TASK_NAME, (byte) 'j')
        .put(at + TransitionView.Offsets.TASK_NAME + 1, (byte) 'v');
  }

  /** Hands over all records. */
  public void drain(RecordSink handler) {
    consumer.putLong(0, 0);
    RingBuffer ring = new RingBuffer(consumer, producer, PAGE, SIZE, 0, Map.of());
    ring.drain(handler);
    if (ring.read() != RECORDS || ring.unreadable() != 0) {
      throw new IllegalStateException(ring.unreadable() + " unreadable", ring.firstError());
    }
  }
}
