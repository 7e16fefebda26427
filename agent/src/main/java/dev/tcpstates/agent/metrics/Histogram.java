// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

/** Counts durations in buckets whose bounds are powers of two of a second. Not thread-safe. */
final class Histogram {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double[] bounds;
  private final long[] counts;
  private double sum;

  /**
   * @param lowest the exponent of the first bucket's bound: -10 for 1/1024 s
   * @param highest that of the last bound
   */
  Histogram(int lowest, int highest) {
    bounds = new double[highest - lowest + 1];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Math.scalb(1.0, lowest + i);
    }
    counts = new long[bounds.length + 1];
  }

  void add(long nanos) {
    double seconds = nanos / NANOS_PER_SECOND;
    int bucket = 0;
    while (bucket < bounds.length && seconds > bounds[bucket]) {
      bucket++;
    }
    counts[bucket]++;
    sum += seconds;
  }

  Distribution now() {
    return new Distribution(bounds, counts.clone(), sum);
  }
}
