// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads a record where it lies, without copying it. */
abstract class RecordView {
  private final ByteBuffer memory;
  private final long clockOffset;
  private int at;

  /**
   * @param clockOffset what {@code System.nanoTime()} is ahead of the clock of the records, in ns
   */
  RecordView(ByteBuffer memory, long clockOffset) {
    this.memory = memory;
    this.clockOffset = clockOffset;
  }

  final void moveTo(int offset) {
    at = offset;
  }

  final long number(int field) {
    return memory.getLong(at + field);
  }

  /** A time in ns of {@code System.nanoTime()}; 0 if it is not known. */
  final long time(int field) {
    long time = number(field);
    return time == 0 ? 0 : time + clockOffset;
  }

  final int integer(int field) {
    return memory.getInt(at + field);
  }

  final int unsignedShort(int field) {
    return Short.toUnsignedInt(memory.getShort(at + field));
  }

  final int unsignedByte(int field) {
    return Byte.toUnsignedInt(memory.get(at + field));
  }

  /** A copy of so many bytes of the record. */
  final ByteBuffer bytes(int bytes) {
    byte[] copy = new byte[bytes];
    memory.get(at, copy);
    return ByteBuffer.wrap(copy).order(memory.order());
  }

  final long clockOffset() {
    return clockOffset;
  }

  /** So many bytes of the record. */
  final ByteBuffer slice(int bytes) {
    return memory.slice(at, bytes).order(memory.order());
  }

  /** The first (0) or last (1) eight of sixteen bytes, in their order in memory. */
  final long half(int field, int half) {
    long value = memory.getLong(at + field + half * Long.BYTES);
    return memory.order() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value);
  }
}
