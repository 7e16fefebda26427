// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Where the tasks were submitted that each thread runs now. Of a fixed size: where two threads meet
 * in one place, one of them is unknown. Thread-safe.
 */
final class RunningTasks {
  /**
   * A task.
   *
   * @param submit {@code null} if it is unknown
   * @param outer the task that runs this one, such as one that joins it; {@code null} if none does
   */
  private record Task(long threadId, ThreadStart submit, Task outer) {}

  private final AtomicReferenceArray<Task> threads;

  /**
   * @param size how many threads there is room for, a power of two
   */
  RunningTasks(int size) {
    threads = new AtomicReferenceArray<>(size);
  }

  private int place(long threadId) {
    return (int) threadId & threads.length() - 1;
  }

  private Task get(long threadId) {
    Task task = threads.getPlain(place(threadId));
    return task != null && task.threadId == threadId ? task : null;
  }

  /** This thread is about to run a task. */
  void begin(ThreadStart submit) {
    long id = Threads.id(Thread.currentThread());
    threads.setRelease(place(id), new Task(id, submit, get(id)));
  }

  /** This thread has run the task that it began last. */
  void end() {
    long id = Threads.id(Thread.currentThread());
    Task task = get(id);
    if (task != null) {
      threads.setRelease(place(id), task.outer);
    }
  }

  /** Where the task was submitted that this thread runs, or {@code null}. */
  ThreadStart ofThisThread() {
    Task task = get(Threads.id(Thread.currentThread()));
    return task == null ? null : task.submit;
  }
}
