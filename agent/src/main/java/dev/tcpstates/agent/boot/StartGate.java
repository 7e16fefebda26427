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
  private final long end;
  private volatile boolean closed;
  private volatile boolean open;

  private StartGate(long nanos) {
    end = System.nanoTime() + nanos;
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
    for (long left = left(); !open && left > 0; left = left()) {
      LockSupport.parkNanos(this, left);
    }
  }

  private long left() {
    return end - System.nanoTime();
  }

  /** Opens it for good. */
  void open() {
    open = true;
    LockSupport.unpark(keeper);
  }

  /** Waits until it is open. */
  void pass() {
    while (!closed && !open && left() > 0) {
      // The thread that owns the monitor has not had a processor yet, and nothing may block here.
    }
    synchronized (this) {
      // nothing to do: whoever gets here has waited
    }
  }
}
