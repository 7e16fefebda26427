// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.util.List;

/** What is told of some values: their median, the middle half, and the extremes. */
record Summary(int count, double min, double lower, double median, double upper, double max) {
  static Summary of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Summary(
        sorted.length,
        quantile(sorted, 0),
        quantile(sorted, 0.25),
        quantile(sorted, 0.5),
        quantile(sorted, 0.75),
        quantile(sorted, 1));
  }

  private static double quantile(double[] sorted, double part) {
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
  }
}
