// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.bpf.CallingThread;

/**
 * Work that has to keep up with the application, however many threads that keeps busy: the kernel
 * drops what finds the ring full. It is done at a higher priority where the process may set one,
 * and on JFR's threads too, for they hold the lock that the reader waits for.
 */
final class Urgent {
  /** About ten times the share of a thread at 0. */
  private static final int NICE = -10;

  private Urgent() {}

  /** Everything that the calling thread does. */
  static void always() {
    if (CallingThread.nice() > NICE) {
      CallingThread.nice(NICE);
    }
  }

  /** What another's thread does for the agent. */
  static void run(Runnable work) {
    int before = CallingThread.nice();
    boolean raised = before > NICE && CallingThread.nice(NICE);
    try {
      work.run();
    } finally {
      if (raised) {
        CallingThread.nice(before);
      }
    }
  }
}
