// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;
import java.util.Arrays;

/**
 * Collects durations for their percentiles, in little memory: the first ones exactly, and more of
 * them as counts of buckets whose width is 1/128 of their value.
 */
final class Durations {
  private static final int EXACT = 1_024;
  private static final int BITS = 8;
  private static final int PER_OCTAVE = 1 << BITS;

  private long[] values = new long[8];
  private long[][] octaves;
  private long count;
  private long max;

  void add(Duration duration) {
    long value = Math.max(0, duration.toNanos());
    max = Math.max(max, value);
    if (octaves == null && count == EXACT) {
      octaves = new long[Long.SIZE][];
      for (long known : values) {
        addToBucket(known);
      }
      values = null;
    }
    if (octaves != null) {
      addToBucket(value);
    } else {
      if (count == values.length) {
        values = Arrays.copyOf(values, values.length * 2);
      }
      values[(int) count] = value;
    }
    count++;
  }

  long count() {
    return count;
  }

  Distribution distribution() {
    return new Distribution(
        count, percentile(50), percentile(99), Duration.ofNanos(max), octaves == null);
  }

  /** By nearest rank: the smallest value that this percentage does not exceed. */
  Duration percentile(int percent) {
    if (count == 0) {
      return Duration.ZERO;
    }
    long rank = Math.max(1, (count * percent + 99) / 100);
    if (octaves == null) {
      long[] sorted = Arrays.copyOf(values, (int) count);
      Arrays.sort(sorted);
      return Duration.ofNanos(sorted[(int) rank - 1]);
    }
    long seen = 0;
    for (int octave = 0; octave < octaves.length; octave++) {
      for (int part = 0; octaves[octave] != null && part < PER_OCTAVE; part++) {
        seen += octaves[octave][part];
        if (seen >= rank) {
          return Duration.ofNanos(Math.min(max, upperEnd(octave, part)));
        }
      }
    }
    return Duration.ofNanos(max);
  }

  private void addToBucket(long value) {
    int octave = octave(value);
    if (octaves[octave] == null) {
      octaves[octave] = new long[PER_OCTAVE];
    }
    octaves[octave][(int) (value >>> octave) & PER_OCTAVE - 1]++;
  }

  /** By how many bits a value is shifted to keep its significant ones; 0 is exact. */
  private static int octave(long value) {
    return Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - BITS);
  }

  private static long upperEnd(int octave, int part) {
    return ((long) part + 1 << octave) - 1;
  }
}
