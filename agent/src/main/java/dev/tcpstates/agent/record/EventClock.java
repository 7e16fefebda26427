// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.jfr.event.StateChange;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Gives events the kernel's times. JFR adds the private fields {@code startTime} and {@code
 * duration}, in its own ticks, to every event class; {@code commit} takes what it finds there.
 *
 * <p>Ticks and {@link System#nanoTime} (which is the kernel's CLOCK_MONOTONIC) may run at different
 * speeds. The mapping is a line with corners: a corner is added where a new sample shows that the
 * line has drifted, and always after the last time that was mapped. So a time is mapped to the same
 * tick whenever it is asked for, and the end of one state is the start of the next.
 *
 * <p>Not thread-safe.
 */
final class EventClock {
  private static final int MAX_CORNERS = 256;
  private static final long TOLERANCE = 500;
  private static final int TRIES = 5;

  private final VarHandle startTime;
  private final VarHandle duration;

  private final long[] nanos = new long[MAX_CORNERS];
  private final double[] ticks = new double[MAX_CORNERS];
  private final double[] slopes = new double[MAX_CORNERS];
  private int corners;
  private long firstNanos;
  private double firstTicks;
  private long lastNanos;

  EventClock() {
    VarHandle start = null;
    VarHandle length = null;
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(StateChange.class, MethodHandles.lookup());
      start = lookup.findVarHandle(StateChange.class, "startTime", long.class);
      length = lookup.findVarHandle(StateChange.class, "duration", long.class);
    } catch (ReflectiveOperationException e) {
      // Another JVM's JFR: events then bear the time of their commit, and AgentState says so.
    }
    startTime = start;
    duration = length;
  }

  /** Whether events can be given the kernel's times. */
  boolean usable() {
    return startTime != null && duration != null;
  }

  /** Compares the clocks; to be called before the times up to now are mapped. */
  void calibrate() {
    if (!usable()) {
      return;
    }
    long bestNanos = 0;
    long bestTicks = 0;
    long bestWindow = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      StateChange sample = new StateChange();
      long before = System.nanoTime();
      sample.begin();
      long window = System.nanoTime() - before;
      long read = (long) startTime.get(sample);
      if (read != 0 && window < bestWindow) {
        bestWindow = window;
        bestNanos = before + window / 2;
        bestTicks = read;
      }
    }
    if (bestTicks != 0) { // 0: no recording has made JFR instrument the class yet
      sample(bestNanos, bestTicks);
    }
  }

  /** Takes one reading of both clocks. */
  void sample(long sampleNanos, long sampleTicks) {
    if (corners == 0) {
      firstNanos = sampleNanos;
      firstTicks = sampleTicks;
      corner(sampleNanos, sampleTicks, 1);
    } else if (sampleNanos > lastNanos) {
      double expected = ticksAt(sampleNanos);
      double last = ticksAt(lastNanos);
      if (Math.abs(sampleTicks - expected) > TOLERANCE && sampleTicks > last) {
        // What lies before the last sample may have been used, and stays; what comes after bends.
        corner(lastNanos, last, (sampleTicks - last) / (sampleNanos - lastNanos));
        corner(sampleNanos, sampleTicks, (sampleTicks - firstTicks) / (sampleNanos - firstNanos));
      }
    }
    lastNanos = Math.max(lastNanos, sampleNanos);
  }

  private void corner(long cornerNanos, double cornerTicks, double slope) {
    if (corners == MAX_CORNERS) {
      int half = MAX_CORNERS / 2;
      System.arraycopy(nanos, half, nanos, 0, half);
      System.arraycopy(ticks, half, ticks, 0, half);
      System.arraycopy(slopes, half, slopes, 0, half);
      corners = half;
    }
    nanos[corners] = cornerNanos;
    ticks[corners] = cornerTicks;
    slopes[corners] = slope;
    corners++;
  }

  private double ticksAt(long time) {
    int i = corners - 1;
    while (i > 0 && nanos[i] > time) {
      i--;
    }
    return ticks[i] + (time - nanos[i]) * slopes[i];
  }

  /** A time of {@link System#nanoTime} in JFR's ticks. */
  long toTicks(long time) {
    return Math.round(ticksAt(time));
  }

  /**
   * Sets an event's start and duration.
   *
   * @return whether that could be done; if not, the event bears the time of its commit
   */
  boolean set(StateChange event, long start, long end) {
    if (!usable() || corners == 0) {
      return false;
    }
    long startTicks = toTicks(start);
    startTime.set(event, startTicks);
    // 0 would mean "up to now" to commit.
    duration.set(event, Math.max(1, toTicks(end) - startTicks));
    return true;
  }
}
