// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** The memory of a BPF ring buffer, written as the kernel writes it, and its reader. */
public final class FakeRing {
  /** Names of reasons of resets, as of a kernel that has them. */
  public static final Map<Integer, String> REASONS = Map.of(7, "TCP_ABORT_ON_CLOSE");

  static final int PAGE = 4096;
  private static final int HEADER = 8;

  final ByteBuffer consumer = memory(PAGE);
  private final ByteBuffer producer = memory((int) RingBuffer.producerLength(PAGE, PAGE));
  final RingBuffer reader;
  private long written;

  public FakeRing() {
    this(0);
  }

  /**
   * @param clockOffset what the JVM's clock is ahead of the kernel's, in ns
   */
  FakeRing(long clockOffset) {
    // So that a field that is read but was not written shows.
    for (int i = PAGE; i < producer.capacity(); i++) {
      producer.put(i, (byte) 0xa5);
    }
    reader = new RingBuffer(consumer, producer, PAGE, PAGE, clockOffset, REASONS);
  }

  private static ByteBuffer memory(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /** Writes a record, of which the ring has room for 4 KiB until they are drained. */
  public void submit(ByteBuffer record) {
    if (written - consumer.getLong(0) + HEADER + record.capacity() > PAGE) {
      throw new IllegalStateException("the ring is full");
    }
    submit(record.array(), 0);
  }

  /**
   * Writes as bpf_ringbuf_submit does.
   *
   * @return where, for {@link #writeLength}
   */
  synchronized int submit(byte[] record, int flags) {
    int at = (int) (written & (PAGE - 1));
    writeLength(at, record.length | flags);
    write(at + HEADER, record);
    written += HEADER + ((record.length + 7) & ~7);
    producer.putLong(0, written);
    return at;
  }

  void writeLength(int at, int length) {
    write(at, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(length).array());
  }

  /** Both mappings of the data show the same bytes. */
  private void write(int at, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      producer.put(PAGE + (at + i) % PAGE, bytes[i]);
      producer.put(PAGE + PAGE + (at + i) % PAGE, bytes[i]);
    }
  }

  /** Bytes written so far. */
  long written() {
    return written;
  }

  /** Hands over all records; fails if the sink fails at one. */
  public synchronized void drain(RecordSink sink) {
    reader.drain(sink);
    if (reader.unreadable() != 0) {
      throw new AssertionError("a record was not read", reader.firstError());
    }
  }
}
