// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;

/**
 * The CPU time of another process to the nanosecond, with that of its threads that have ended; what
 * /proc and {@code OperatingSystemMXBean} say of it goes in steps of ten milliseconds.
 */
final class CpuClock {
  /** The C library. */
  interface LibC extends Library {
    int clock_getcpuclockid(int pid, int[] clock);

    int clock_gettime(int clock, long[] secondsAndNanos);
  }

  private static final LibC LIBC = Native.load("c", LibC.class);

  private CpuClock() {}

  static double nanos(long pid) throws IOException {
    int[] clock = new int[1];
    long[] time = new long[2];
    if (LIBC.clock_getcpuclockid((int) pid, clock) != 0
        || LIBC.clock_gettime(clock[0], time) != 0) {
      throw new IOException("process " + pid + " has no CPU clock");
    }
    return time[0] * 1e9 + time[1];
  }
}
