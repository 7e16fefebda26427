// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds threads back while the agent starts. A thread of its own owns this object's monitor until
 * then, and the others enter and leave the monitor. That can't throw, leaves an interrupt as it is,
 * and is no method that a detector of blocking calls could have instrumented.
 */
final class StartGate {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AgentThread keeper;
  private volatile boolean open;

  private StartGate(long nanos) {
    keeper = new AgentThread(() -> keep(nanos), "tcpstates hold");
  }

  /**
   * Returns a gate that is closed.
   *
   * @param nanos after how long it opens in any case, in ns
   */
  static StartGate close(long nanos) throws InterruptedException {
    StartGate gate = new StartGate(nanos);
    gate.keeper.start();
    gate.closed.await();
    return gate;
  }

  private synchronized void keep(long nanos) {
    closed.countDown();
    awaitOpen(nanos);
  }

  private void awaitOpen(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; !open && left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }

  /** Opens it for good. */
  void open() {
    open = true;
    LockSupport.unpark(keeper);
  }

  /** Waits until it is open. */
  void pass() {
    synchronized (this) {
      // nothing to do: whoever gets here has waited
    }
  }
}
