// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;

/**
 * The distribution of many durations.
 *
 * @param count how many
 * @param p50 the 50th percentile; zero if there are none
 * @param p99 the 99th percentile; zero if there are none
 * @param max the longest, always exact; zero if there are none
 * @param exact whether the percentiles are exact, or else at most 0.8 % too high
 */
public record Distribution(long count, Duration p50, Duration p99, Duration max, boolean exact) {}
