// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** What is reachable on the heap; with -XX:SoftRefLRUPolicyMSPerMB=0, softly does not count. */
final class Heap {
  private static final long STABLE = 4096;

  private Heap() {}

  /** Collects until that changes nothing any more, for cleaners work between collections. */
  static long used() throws InterruptedException {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long last = Long.MAX_VALUE;
    for (int i = 0, same = 0; i < 50 && same < 3; i++) {
      System.gc();
      long now = memory.getHeapMemoryUsage().getUsed();
      same = Math.abs(now - last) < STABLE ? same + 1 : 0;
      last = now;
      Thread.sleep(50);
    }
    return last;
  }
}
