// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

/** What the kernel knows of this process's threads. Thread-safe. */
public final class KernelThreads {
  /** The calling thread, for {@link #nice}. */
  public static final int SELF = 0;

  private KernelThreads() {}

  /** CPU time of the calling thread in nanoseconds, or 0 where it can't be had. */
  public static long cpuTime() {
    long[] time = new long[2];
    int result = NativeLibC.clock_gettime(NativeLibC.CLOCK_THREAD_CPUTIME_ID, time);
    return result == 0 ? time[0] * 1_000_000_000L + time[1] : 0;
  }

  /**
   * The nice value of a thread, -20 (much CPU time) to 19.
   *
   * @param id the kernel's: on Linux, getpriority takes it for a process's
   */
  public static int nice(int id) {
    return NativeLibC.getpriority(NativeLibC.PRIO_PROCESS, id);
  }

  /**
   * Sets the nice value of a thread.
   *
   * @return whether the process may do that: less than before needs CAP_SYS_NICE or RLIMIT_NICE
   */
  public static boolean nice(int id, int value) {
    return NativeLibC.setpriority(NativeLibC.PRIO_PROCESS, id, value) == 0;
  }
}
