// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.libbpf.KernelThreads;
import java.util.concurrent.atomic.AtomicLong;

/** CPU time of the agent: of its own thread, and of its work on JFR's threads. Thread-safe. */
final class CpuTime {
  private final AtomicLong elsewhere = new AtomicLong();
  private volatile long own;

  /** Does work of the agent's on another's thread. */
  void measure(Runnable work) {
    long before = KernelThreads.cpuTime();
    try {
      work.run();
    } finally {
      elsewhere.addAndGet(KernelThreads.cpuTime() - before);
    }
  }

  /** Notes what the calling thread, which is the agent's own, has used up to now. */
  void ownThread() {
    own = KernelThreads.cpuTime();
  }

  /** Nanoseconds so far. */
  long total() {
    return own + elsewhere.get();
  }
}
