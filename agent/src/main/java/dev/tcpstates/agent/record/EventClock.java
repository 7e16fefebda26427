// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import java.util.List;

/**
 * Turns the kernel's times into JFR's ticks.
 *
 * <p>Ticks and {@link System#nanoTime} (which is the kernel's CLOCK_MONOTONIC) may run at different
 * speeds. The mapping is a line with corners: a corner is added where a new sample shows that the
 * line has drifted, and always after the last time that was mapped. So a time is mapped to the same
 * tick whenever it is asked for, and the end of one state is the start of the next.
 *
 * <p>Not thread-safe.
 */
public final class EventClock {
  private static final int MAX_CORNERS = 256;
  private static final long TOLERANCE = 500;
  private static final int TRIES = 5;

  private final List<EventTimes<?>> times;
  private final long[] nanos = new long[MAX_CORNERS];
  private final double[] ticks = new double[MAX_CORNERS];
  private final double[] slopes = new double[MAX_CORNERS];
  private int corners;
  private long firstNanos;
  private double firstTicks;
  private long lastNanos;

  /**
   * @param times of the events that are used to read JFR's clock: the first that is recorded
   */
  public EventClock(List<EventTimes<?>> times) {
    this.times = times;
  }

  /** Compares the clocks; to be called before the times up to now are mapped. */
  public void calibrate() {
    long bestNanos = 0;
    long bestTicks = 0;
    long bestWindow = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long before = System.nanoTime();
      long read = jfrNow();
      long window = System.nanoTime() - before;
      if (read != 0 && window < bestWindow) {
        bestWindow = window;
        bestNanos = before + window / 2;
        bestTicks = read;
      }
    }
    if (bestTicks != 0) { // 0: none is recorded yet
      sample(bestNanos, bestTicks);
    }
  }

  private long jfrNow() {
    for (EventTimes<?> one : times) {
      long now = one.now();
      if (now != 0) {
        return now;
      }
    }
    return 0;
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

  /** A time of {@link System#nanoTime} in JFR's ticks; 0 if the clocks were never compared. */
  long toTicks(long time) {
    return corners == 0 ? 0 : Math.round(ticksAt(time));
  }
}
