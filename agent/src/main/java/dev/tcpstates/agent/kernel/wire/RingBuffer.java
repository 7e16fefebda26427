// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.End;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Reads a BPF ring buffer in the memory that the kernel shares (Documentation/bpf/ringbuf.rst): a
 * page with our position, a page with the kernel's, and the data. Behind the data the kernel shows
 * it once more, so that no record is ever broken; the first page of that is enough, for no record
 * is longer. Not thread-safe.
 */
public final class RingBuffer {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private static final int HEADER = 8;
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;

  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final int dataAt;
  private final int size;
  private final TransitionView transition;
  private final ConnectionView connection;
  private final RetransmitView retransmit;
  private final ResetView reset;
  private long position;
  private long read;
  private long mostWaiting;
  private long unreadable;
  private Throwable firstError;

  /**
   * @param consumer the page with our position, writable
   * @param producer the page with the kernel's position, the data, and its first page once more:
   *     {@link #producerLength}
   * @param dataAt where the data begins in {@code producer}: the page size
   * @param size of the data: a power of two
   * @param clockOffset what {@code System.nanoTime()} is ahead of the kernel's clock, in ns
   * @param resetReasons the running kernel's names
   */
  public RingBuffer(
      ByteBuffer consumer,
      ByteBuffer producer,
      int dataAt,
      int size,
      long clockOffset,
      Map<Integer, String> resetReasons) {
    this.consumer = consumer;
    this.producer = producer;
    this.dataAt = dataAt;
    this.size = size;
    this.transition = new TransitionView(producer, clockOffset);
    this.connection = new ConnectionView(producer, clockOffset);
    this.retransmit = new RetransmitView(producer, clockOffset);
    this.reset = new ResetView(producer, clockOffset, resetReasons);
    this.position = (long) LONG.getAcquire(consumer, 0);
  }

  /**
   * Bytes to map for {@code producer}. The whole of what the kernel offers would count twice as the
   * JVM's resident memory.
   *
   * @param page size of a page
   * @param size of the data: a power of two
   */
  public static long producerLength(int page, int size) {
    return page + (long) size + page;
  }

  /** Records read so far, of any kind. */
  public long read() {
    return read;
  }

  /** Bytes read since the ring was made. */
  public long bytesRead() {
    return position;
  }

  /** Records that could not be read, or that the handler failed at. */
  public long unreadable() {
    return unreadable;
  }

  /** Bytes that wait to be read. */
  public long waiting() {
    return (long) LONG.getAcquire(producer, 0) - position;
  }

  /** Most bytes found waiting since the last call. */
  public long mostWaiting() {
    long most = Math.max(mostWaiting, waiting());
    mostWaiting = 0;
    return most;
  }

  /** What went wrong at the first of these; {@code null} if nothing did or it was not readable. */
  Throwable firstError() {
    return firstError;
  }

  /**
   * Hands over every record that is complete by now, in order, and not those that come meanwhile:
   * they might never end. Never throws.
   */
  public void drain(RecordSink handler) {
    long end = (long) LONG.getAcquire(producer, 0);
    mostWaiting = Math.max(mostWaiting, end - position);
    while (position != end) {
      int at = dataAt + (int) (position & (size - 1));
      int header = (int) INT.getAcquire(producer, at);
      if ((header & BUSY) != 0) {
        return; // reserved on another CPU, and not yet submitted; those behind it wait
      }
      int length = header & ~DISCARDED;
      long next = position + HEADER + ((length + 7L) & ~7L);
      if (length < 0 || next - position > end - position) {
        // Not what a kernel writes. Skip to a place that is known.
        unreadable++;
        next = end;
      } else if ((header & DISCARDED) == 0) {
        handle(handler, at + HEADER, length);
      }
      position = next;
      LONG.setRelease(consumer, 0, position);
    }
  }

  private void handle(RecordSink handler, int at, int length) {
    read++;
    try {
      if (length >= End.BYTES
          && producer.getShort(at + Header.SIZE) == length
          && producer.get(at + Header.VERSION) == Layout.VERSION) {
        int kind = producer.get(at + Header.KIND);
        if (kind == Layout.KIND_TRANSITION && length == TransitionView.Offsets.BYTES) {
          transition.moveTo(at);
          handler.transition(transition);
          return;
        }
        if (kind == Layout.KIND_CONNECTION && length == ConnectionView.Offsets.BYTES) {
          connection.moveTo(at);
          handler.connection(connection);
          return;
        }
        if (kind == Layout.KIND_RETRANSMIT && length == RetransmitView.Offsets.BYTES) {
          retransmit.moveTo(at);
          handler.retransmit(retransmit);
          return;
        }
        if (kind == Layout.KIND_RESET && length == ResetView.Offsets.BYTES) {
          reset.moveTo(at);
          handler.reset(reset);
          return;
        }
        if (kind == Layout.KIND_END && length == End.BYTES) {
          handler.ended(producer.getLong(at + End.SOCKET_ID), producer.getInt(at + End.OLD_STATE));
          return;
        }
      }
      unreadable++;
    } catch (Throwable t) {
      unreadable++;
      if (firstError == null) {
        firstError = t;
      }
    }
  }
}
