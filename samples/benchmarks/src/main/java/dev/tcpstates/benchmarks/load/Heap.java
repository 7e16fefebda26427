// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.lang.management.ManagementFactory;

/** The heap of this JVM. */
final class Heap {
  private static final int MOST_COLLECTIONS = 20;
  private static final int PAUSE_MILLIS = 100;
  private static final int NOISE = 4_096;

  private Heap() {}

  /**
   * Bytes in use, of what can be reached: collects until there is nothing more to be given back.
   */
  static long used() throws InterruptedException {
    long before = Long.MAX_VALUE;
    long used = collected();
    for (int i = 1; i < MOST_COLLECTIONS && before - used > NOISE; i++) {
      before = used;
      used = collected();
    }
    return used;
  }

  private static long collected() throws InterruptedException {
    System.gc();
    Thread.sleep(PAUSE_MILLIS); // for what reference queues bring about
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
