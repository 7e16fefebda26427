// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;

/**
 * How long something took, of many.
 *
 * @param count how many
 * @param p50 half of them took no longer; zero if there are none
 * @param p99 99 of 100 took no longer; zero if there are none
 * @param max the longest, always exact; zero if there are none
 * @param exact whether the percentiles are values that were there; else they are at most 0.8 %
 *     above
 */
public record Distribution(long count, Duration p50, Duration p99, Duration max, boolean exact) {}
