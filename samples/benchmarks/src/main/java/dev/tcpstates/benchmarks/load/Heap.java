// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.lang.management.ManagementFactory;

/** The heap of this JVM. */
final class Heap {
  private static final int COLLECTIONS = 3;

  private Heap() {}

  /** Bytes in use, of what can be reached; exact with the serial collector. */
  static long used() throws InterruptedException {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      Thread.sleep(50); // for what reference queues bring about
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
