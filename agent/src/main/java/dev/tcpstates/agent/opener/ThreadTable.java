// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Where threads were started. Of a fixed size: a thread takes the place of one that has ended, or
 * else of the one that was started long before it. Keeps no thread alive. Thread-safe.
 */
final class ThreadTable {
  /** A thread is kept in one of so many places, which follow each other. */
  private static final int WAYS = 4;

  private static final class Entry extends WeakReference<Thread> {
    final long threadId;
    final ThreadStart start;

    Entry(Thread thread, long threadId, ThreadStart start) {
      super(thread);
      this.threadId = threadId;
      this.start = start;
    }

    boolean hasEnded() {
      Thread thread = get();
      return thread == null || !thread.isAlive();
    }
  }

  private final AtomicReferenceArray<Entry> entries;

  /**
   * @param size how many threads there is room for, a power of two from 4
   */
  ThreadTable(int size) {
    entries = new AtomicReferenceArray<>(size);
  }

  private int first(long threadId) {
    return (int) (threadId * WAYS) & (entries.length() - 1);
  }

  void put(Thread thread, long threadId, ThreadStart start) {
    int first = first(threadId);
    int place = first;
    long oldest = Long.MAX_VALUE;
    for (int i = first; i < first + WAYS; i++) {
      Entry entry = entries.get(i);
      if (entry == null || entry.hasEnded()) {
        place = i;
        break;
      }
      if (entry.threadId < oldest) {
        oldest = entry.threadId;
        place = i;
      }
    }
    // What the starting thread did before the start, the started one sees.
    entries.setRelease(place, new Entry(thread, threadId, start));
  }

  /** Returns where a thread was started, or {@code null}. */
  ThreadStart get(long threadId) {
    int first = first(threadId);
    for (int i = first; i < first + WAYS; i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && entry.threadId == threadId) {
        return entry.start;
      }
    }
    return null;
  }
}
