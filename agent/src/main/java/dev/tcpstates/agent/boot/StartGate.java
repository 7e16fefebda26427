// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.util.concurrent.locks.LockSupport;

/**
 * Holds threads back while the agent starts. A thread of its own owns this object's monitor until
 * then, and the others enter and leave the monitor. That can't throw, leaves an interrupt as it is,
 * and is no method that a detector of blocking calls could have instrumented.
 */
final class StartGate implements Runnable {
  private final AgentThread keeper = new AgentThread(this, "tcpstates hold");
  private final long nanos;
  private volatile boolean closed;
  private volatile boolean open;

  private StartGate(long nanos) {
    this.nanos = nanos;
  }

  /**
   * Returns a gate that is closed.
   *
   * @param nanos after how long it opens in any case, in ns
   */
  static StartGate close(long nanos) {
    StartGate gate = new StartGate(nanos);
    gate.keeper.start();
    return gate;
  }

  /** The keeper's work. No lambda: a JVM's first one takes 10 ms. */
  @Override
  public synchronized void run() {
    closed = true;
    awaitOpen();
  }

  private void awaitOpen() {
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
    while (!closed && !open) {
      // The thread that owns the monitor has not had a processor yet, and nothing may block here.
    }
    synchronized (this) {
      // nothing to do: whoever gets here has waited
    }
  }
}
