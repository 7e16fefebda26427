// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Flight Recorder lost events because a thread found no free buffer. They may be of any type, the
 * agent's or others.
 *
 * @param time when the loss was recorded
 * @param amount bytes lost
 * @param total bytes that this thread has lost so far, including these
 */
public record DataLoss(Instant time, long amount, long total) {
  /** The event's, which only the JVM writes. */
  public static final String NAME = "jdk.DataLoss";
}
