// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where each live thread was started, and its task submitted: what a library's thread does is often
 * explained by the line of the application that made it. Called in the starting thread, before the
 * start. Thread-safe.
 */
public final class ThreadStarts implements Consumer<Thread> {
  /**
   * More distinct places than any application has in use; beyond them, or beyond the bytes of
   * {@link CallSites#MOST_BYTES}, all are learned again.
   */
  private static final int MOST_PLACES = 4_096;

  private static final int PLATFORM_THREADS = 1 << 13;
  private static final int VIRTUAL_THREADS = 1 << 15;

  /** Make the fingerprints of starts and submits different from those of openings. */
  private static final int START_SEED = 0x57A27;

  private static final int SUBMIT_SEED = 0x50B317;

  private static final int RUNNING_TASKS = 1 << 15;

  private final ThreadTable platform = new ThreadTable(PLATFORM_THREADS);

  /** Made for the first start of a virtual thread that is recorded; most JVMs record none. */
  private volatile ThreadTable virtual;

  private final ConcurrentMap<Object, ThreadStart> places = new ConcurrentHashMap<>();

  /** Made when submits are recorded. */
  private volatile RunningTasks tasks;

  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicLong characters = new AtomicLong();
  private final Supplier<StackRule> rule;
  private final int depth;
  private final int limit;

  /**
   * @param depth how many frames of a stack are kept and compared
   */
  public ThreadStarts(int depth, StackRule rule) {
    this(depth, () -> rule);
  }

  /**
   * @param depth how many frames of a stack are kept and compared
   * @param rule asked for each stack that is new
   */
  public ThreadStarts(int depth, Supplier<StackRule> rule) {
    this.depth = depth;
    this.limit = CallSites.limit(depth);
    Threads.initialize();
    this.rule = rule;
  }

  private ThreadTable table(Thread thread) {
    return Threads.isVirtual(thread) ? virtual : platform;
  }

  private synchronized ThreadTable makeVirtual() {
    if (virtual == null) {
      virtual = new ThreadTable(VIRTUAL_THREADS);
    }
    return virtual;
  }

  @Override
  public void accept(Thread thread) {
    ThreadStart start = here(ThreadStart.MARK, START_SEED);
    if (start != null) {
      ThreadTable table = table(thread);
      (table == null ? makeVirtual() : table).put(thread, Threads.id(thread), start);
    }
  }

  /** A listener that also records where tasks are submitted. */
  public TaskSubmits taskSubmits() {
    tasks = new RunningTasks(RUNNING_TASKS);
    return new TaskSubmits(this, tasks);
  }

  /** Returns where the calling thread submits a task, or {@code null} if that is unknown. */
  ThreadStart submittedHere() {
    return here(ThreadStart.SUBMIT_MARK, SUBMIT_SEED);
  }

  /**
   * Returns where the task was submitted that the calling thread runs, or else where the thread was
   * started, or {@code null} if both are unknown.
   */
  ThreadStart ofThisThread() {
    RunningTasks running = tasks;
    ThreadStart submit = running == null ? null : running.ofThisThread();
    if (submit != null && submit.isTelling()) {
      return submit;
    }
    Thread thread = Thread.currentThread();
    ThreadTable table = table(thread);
    ThreadStart start = table == null ? null : table.get(Threads.id(thread));
    return submit == null || start != null && start.isTelling() ? start : submit;
  }

  private ThreadStart here(String mark, int seed) {
    StackFingerprint fingerprint = StackFingerprint.here(seed, depth, limit);
    if (fingerprint == null) {
      return null; // walking the stack at each start would take too long
    }
    ThreadStart start = places.get(fingerprint);
    if (start == null) {
      List<StackFrame> frames = CallSites.walk(depth);
      start =
          keep(
              fingerprint,
              new ThreadStart(
                  ids.incrementAndGet(),
                  mark,
                  rule.get().telling(frames),
                  StackRule.stack(frames)));
    }
    return start.isTelling() ? start : chained(start);
  }

  private ThreadStart chained(ThreadStart start) {
    ThreadStart caller = ofThisThread();
    if (caller == null) {
      return start;
    }
    if (caller.isTopmost()) {
      return start.isSubmit() && caller.isTelling() ? caller : start; // work that goes on and on
    }
    DerivedKey key = new DerivedKey(start, caller, 0);
    ThreadStart known = places.get(key);
    return known != null ? known : keep(key, start.startedBy(ids.incrementAndGet(), caller));
  }

  private ThreadStart keep(Object key, ThreadStart start) {
    if (places.size() >= MOST_PLACES || characters.get() >= CallSites.MOST_BYTES) {
      places.clear();
      characters.set(0);
    }
    ThreadStart before = places.putIfAbsent(key, start);
    if (before != null) {
      return before;
    }
    characters.addAndGet(start.stack().length());
    return start;
  }
}
