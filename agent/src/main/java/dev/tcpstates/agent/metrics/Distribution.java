// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

/**
 * A histogram's values at one moment.
 *
 * @param bounds the upper bounds of the buckets in s, ascending, each inclusive
 * @param counts how many values fell into each bucket, not cumulated; one more than bounds, the
 *     last for all greater values
 * @param sum of all values in s
 */
public record Distribution(double[] bounds, long[] counts, double sum) {
  /** How many values there were. */
  public long count() {
    long all = 0;
    for (long count : counts) {
      all += count;
    }
    return all;
  }
}
