// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

/**
 * While it is open, signals wait that would interrupt the calling thread. The kernel gives up its
 * check of a BPF program, with EAGAIN, as soon as a signal comes, and profilers send one every few
 * milliseconds. To be closed by the thread that opened it.
 */
final class BlockedSignals implements AutoCloseable {
  /**
   * The signals that HotSpot can't do without on this thread: SIGILL, SIGTRAP, SIGBUS, SIGFPE and
   * SIGSEGV come from what the thread does; by SIGUSR2 HotSpot halts a thread that runs Java code.
   */
  private static final int[] NEEDED = {4, 5, 7, 8, 11, 12};

  private final long[] before = new long[NativeLibC.SIGNAL_SET_BYTES / Long.BYTES];

  BlockedSignals() {
    long[] blocked = new long[before.length];
    blocked[0] = -1;
    for (int signal : NEEDED) {
      blocked[0] &= ~(1L << signal - 1);
    }
    NativeLibC.pthread_sigmask(NativeLibC.SIG_BLOCK, blocked, before);
  }

  @Override
  public void close() {
    NativeLibC.pthread_sigmask(NativeLibC.SIG_SETMASK, before, null);
  }
}
