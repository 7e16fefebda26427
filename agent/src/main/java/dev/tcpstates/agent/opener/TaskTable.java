// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Where the tasks that wait in executors were submitted. Of a fixed size: with more tasks waiting,
 * some are unknown. Keeps no task alive. Thread-safe; no thread waits for another.
 *
 * <p>One object may be submitted many times. As long as such submits from different lines wait, the
 * table can't know which of them runs, and has none.
 */
final class TaskTable {
  /** A task is kept in one of so many places, which follow each other. */
  private static final int WAYS = 4;

  private static final VarHandle WAITING = waiting();

  private static final class Entry extends WeakReference<Object> {
    /** {@code null}: several lines. */
    final ThreadStart submit;

    /** How many submits have not run. */
    volatile int waiting;

    Entry(Object task, ThreadStart submit, int waiting) {
      super(task);
      this.submit = submit;
      this.waiting = waiting;
    }
  }

  private final AtomicReferenceArray<Entry> entries;

  /**
   * @param size how many tasks there is room for, a power of two from 4
   */
  TaskTable(int size) {
    entries = new AtomicReferenceArray<>(size);
  }

  private static VarHandle waiting() {
    try {
      return MethodHandles.lookup().findVarHandle(Entry.class, "waiting", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private int first(int hash) {
    return (hash ^ hash >>> 16) * WAYS & entries.length() - 1;
  }

  /**
   * Adds a submit.
   *
   * @param submit {@code null} if the line is unknown
   */
  void put(Object task, ThreadStart submit) {
    int hash = System.identityHashCode(task);
    int first = first(hash);
    while (true) {
      int place = first + (hash >>> 8 & WAYS - 1); // of a task that is forgotten for this one
      Entry before = entries.getAcquire(place);
      boolean free = false;
      boolean known = false;
      for (int i = first; i < first + WAYS && !known; i++) {
        Entry entry = entries.getAcquire(i);
        known = entry != null && entry.refersTo(task);
        if (known || !free && (entry == null || entry.refersTo(null))) {
          free = true;
          place = i;
          before = entry;
        }
      }
      int waiting = known ? before.waiting : 0;
      if (known && before.submit == submit) {
        WAITING.getAndAdd(before, 1);
        return;
      }
      ThreadStart line = waiting > 0 && !sameLine(before.submit, submit) ? null : submit;
      if (entries.compareAndSet(place, before, new Entry(task, line, waiting + 1))) {
        return;
      }
    }
  }

  private static boolean sameLine(ThreadStart one, ThreadStart other) {
    return one != null && other != null && one.line().equals(other.line());
  }

  /** Returns where a task was submitted that is now run, or {@code null}. */
  ThreadStart take(Object task) {
    int first = first(System.identityHashCode(task));
    ThreadStart submit = null;
    boolean found = false;
    boolean several = false;
    for (int i = first; i < first + WAYS; i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && entry.refersTo(task)) {
        several |= found && entry.submit != submit; // two threads added the task at once
        found = true;
        submit = entry.submit;
        if (entry.waiting > 0 && (int) WAITING.getAndAdd(entry, -1) == 1 && !isRunAgain(task)) {
          entries.compareAndSet(i, entry, null);
        }
      }
    }
    return several ? null : submit;
  }

  /** A periodic task is submitted once. */
  private static boolean isRunAgain(Object task) {
    return task instanceof ScheduledFuture;
  }
}
