// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketHooks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Identifies a stack without resolving a single frame, in about a microsecond; walking and naming
 * the frames takes ten. The JVM fills a {@link Throwable}'s private field {@code backtrace} with
 * arrays of method numbers, bytecode indexes and classes, 32 frames each (java_lang_Throwable in
 * HotSpot's javaClasses.cpp), of which 128 bits are made here. Where that field is missing or looks
 * different, {@link #here} says so, and the frames are walked.
 *
 * <p>The throwables are reused: JFR counts those that are created, and may be configured to record
 * each of them. They are emptied after use, so that they keep no class alive.
 */
record StackFingerprint(long first, long second) {
  // The hash code and equals that a record has by itself take a hundred classes of the JDK, which
  // would be loaded in the application's thread, and be broken for all if that has no memory then.
  private static final int METHODS = 0;
  private static final int POSITIONS = 1;
  private static final int CLASSES = 2;

  private static final int POOL = 64;
  private static final AtomicReferenceArray<Throwable> THROWABLES =
      new AtomicReferenceArray<>(POOL);
  private static final VarHandle BACKTRACE = backtrace();

  private static VarHandle backtrace() {
    try {
      return MethodHandles.privateLookupIn(Throwable.class, MethodHandles.lookup())
          .findVarHandle(Throwable.class, "backtrace", Object.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * The fingerprint of the calling thread's stack below the agent's own frames.
   *
   * @param seed makes stacks of different kinds different
   * @param depth how many frames count
   * @param limit how many frames this JVM keeps, see {@link #limit}
   * @return {@code null} where this JVM gives none, or has cut the stack short
   */
  static StackFingerprint here(int seed, int depth, int limit) {
    if (BACKTRACE == null) {
      return null;
    }
    int slot = (int) Threads.id(Thread.currentThread()) & (POOL - 1);
    Throwable throwable = THROWABLES.getAndSet(slot, null);
    if (throwable == null) {
      throwable = new Throwable();
    }
    throwable.fillInStackTrace();
    StackFingerprint fingerprint = of(BACKTRACE.get(throwable), seed, depth, limit);
    BACKTRACE.set(throwable, null);
    THROWABLES.lazySet(slot, throwable);
    return fingerprint;
  }

  /**
   * How many frames of a stack this JVM keeps; {@code -XX:MaxJavaStackTraceDepth} says it.
   * Measured, for that flag may come from many places.
   *
   * @param wanted how many matter
   * @return {@code Integer.MAX_VALUE} if it keeps them all
   */
  static int limit(int wanted) {
    int kept = BACKTRACE == null ? wanted : keptBelow(wanted);
    return kept < wanted ? kept : Integer.MAX_VALUE;
  }

  private static int keptBelow(int calls) {
    if (calls > 0) {
      return keptBelow(calls - 1);
    }
    int frames = 0;
    for (Object[] chunk = chunk(BACKTRACE.get(new Throwable()));
        chunk != null;
        chunk = next(chunk)) {
      for (Object type : (Object[]) chunk[CLASSES]) {
        frames += type == null ? 0 : 1;
      }
    }
    return frames;
  }

  private static StackFingerprint of(Object backtrace, int seed, int depth, int limit) {
    int frames = 0;
    long first = seed;
    long second = ~seed;
    int left = depth;
    boolean ours = true;
    Object[] chunk = chunk(backtrace);
    if (chunk == null) {
      return null;
    }
    for (; chunk != null && left > 0; chunk = next(chunk)) {
      short[] methods = (short[]) chunk[METHODS];
      int[] positions = (int[]) chunk[POSITIONS];
      Object[] classes = (Object[]) chunk[CLASSES];
      for (int i = 0; i < methods.length && left > 0 && classes[i] instanceof Class<?> type; i++) {
        frames++;
        ours = ours && isOurs(type);
        if (!ours) {
          long code = (long) methods[i] << 32 ^ positions[i];
          long place = (long) System.identityHashCode(type) << 32 ^ type.getName().hashCode();
          first = mix(first ^ code) ^ place;
          second = mix(second + place) + code;
          left--;
        }
      }
    }
    return left > 0 && frames >= limit ? null : new StackFingerprint(mix(first), mix(second));
  }

  /** The first frames are those between the woven method and here. */
  private static boolean isOurs(Class<?> type) {
    return type == StackFingerprint.class
        || type == CallSites.class
        || type == OpenSockets.class
        || type == ThreadStarts.class
        || type == TaskSubmits.class
        || SocketHooks.isCalledByWovenMethods(type);
  }

  /** The next 32 frames, in whichever place this JDK keeps them. */
  private static Object[] next(Object[] chunk) {
    for (int i = CLASSES + 1; i < chunk.length; i++) {
      Object[] next = chunk(chunk[i]);
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  private static Object[] chunk(Object object) {
    return object instanceof Object[] chunk
            && chunk.length > CLASSES
            && chunk[METHODS] instanceof short[] methods
            && chunk[POSITIONS] instanceof int[] positions
            && chunk[CLASSES] instanceof Object[] classes
            && methods.length == positions.length
            && methods.length == classes.length
        ? chunk
        : null;
  }

  /** The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }

  // The methods that a record has of its own make a hundred classes when they are first called,
  // which would be at the application's first start of a thread.

  @Override
  public int hashCode() {
    return (int) (first ^ first >>> Integer.SIZE);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StackFingerprint stack
        && stack.first == first
        && stack.second == second;
  }
}
