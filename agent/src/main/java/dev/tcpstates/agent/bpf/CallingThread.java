// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

/** What the kernel knows of the thread that calls. */
public final class CallingThread {
  /** To getpriority and setpriority, on Linux: the calling thread, and no other of the process. */
  private static final int SELF = 0;

  private CallingThread() {}

  /** CPU time in nanoseconds, or 0 where it can't be had. */
  public static long cpuTime() {
    long[] time = new long[2];
    int result = NativeLibC.clock_gettime(NativeLibC.CLOCK_THREAD_CPUTIME_ID, time);
    return result == 0 ? time[0] * 1_000_000_000L + time[1] : 0;
  }

  /** Its nice value, -20 (much CPU time) to 19. */
  public static int nice() {
    return NativeLibC.getpriority(NativeLibC.PRIO_PROCESS, SELF);
  }

  /**
   * Sets its nice value.
   *
   * @return whether the process may do that: less than before needs CAP_SYS_NICE or RLIMIT_NICE
   */
  public static boolean nice(int value) {
    return NativeLibC.setpriority(NativeLibC.PRIO_PROCESS, SELF, value) == 0;
  }
}
