// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Work of other threads that the reader's thread does for them. While they do it themselves,
 * nothing is read; and as their priority is lower than the reader's, the ring may fill up before
 * they come to an end on a machine whose processors are all busy. Thread-safe.
 */
final class Errands {
  /** The reader comes when it has read what there is. */
  private static final int SOON_MILLIS = 500;

  private final Queue<FutureTask<Void>> waiting = new ConcurrentLinkedQueue<>();
  private volatile Thread reader;

  /** From now on, the calling thread calls {@link #run} soon after it is woken. */
  void begin() {
    reader = Thread.currentThread();
  }

  /** Does what is waiting, and is not there for more until {@link #begin}. */
  void end() {
    reader = null;
    run();
  }

  /**
   * Has the reader do the work, and waits until it is done.
   *
   * @param wake wakes the reader
   * @return whether the reader has taken it; otherwise it never will
   * @throws RuntimeException what the work has thrown, or an Error
   */
  boolean send(Runnable work, Runnable wake) {
    Thread to = reader;
    if (to == null || to == Thread.currentThread()) {
      return false;
    }
    FutureTask<Void> task = new FutureTask<>(work, null);
    waiting.add(task);
    wake.run();
    boolean interrupted = false;
    try {
      for (boolean inTime = true; ; ) {
        try {
          if (inTime) {
            task.get(SOON_MILLIS, TimeUnit.MILLISECONDS);
          } else {
            task.get();
          }
          return true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          inTime = false;
        }
        if (waiting.remove(task)) {
          return false;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Does what is waiting; on the reader's thread. */
  void run() {
    for (FutureTask<Void> task = waiting.poll(); task != null; task = waiting.poll()) {
      task.run();
    }
  }
}
