// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the programs have counted, on all CPUs together. Thread-safe. */
final class Counters {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;

  /**
   * @param memory of {@code struct tcp_counters}, once for each CPU
   */
  Counters(ByteBuffer memory) {
    this.memory = memory;
  }

  /** The sum of a counter. The CPUs are looked at one after the other, and count meanwhile. */
  long get(int offset) {
    long sum = 0;
    for (int at = offset; at < memory.capacity(); at += CpuCounters.BYTES) {
      sum += (long) LONG.getAcquire(memory, at);
    }
    return sum;
  }

  /** Corrects a sum. */
  void add(int offset, long by) {
    LONG.getAndAdd(memory, offset, by);
  }
}
