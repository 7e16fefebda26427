// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/**
 * Work of other threads that the reader's thread does for them. While they do it themselves,
 * nothing is read; and as their priority is lower than the reader's, the ring may fill up before
 * they come to an end on a machine whose processors are all busy. Thread-safe.
 */
final class Errands {
  /** The reader comes at once when it is woken, unless it waits for a lock of the caller. */
  private static final int SOON_MILLIS = 10;

  private final SynchronousQueue<FutureTask<Void>> offered = new SynchronousQueue<>();
  private volatile Thread reader;

  /** From now on, the calling thread does the work, and calls {@link #run} when it is woken. */
  void begin() {
    reader = Thread.currentThread();
  }

  /** The reader's thread ends. */
  void end() {
    reader = null;
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
    wake.run();
    FutureTask<Void> task = new FutureTask<>(work, null);
    try {
      if (!offered.offer(task, SOON_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    await(task);
    return true;
  }

  private static void await(FutureTask<Void> task) {
    boolean interrupted = false;
    while (true) {
      try {
        task.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) e.getCause();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what is waiting; on the reader's thread. */
  void run() {
    for (FutureTask<Void> task = offered.poll(); task != null; task = offered.poll()) {
      task.run();
    }
  }
}
