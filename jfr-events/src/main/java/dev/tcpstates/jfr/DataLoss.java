// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Flight Recorder itself had no room for what a thread has written: events of any type, the agent's
 * or others.
 *
 * @param time when
 * @param amount bytes that were lost
 * @param total bytes that this thread has lost so far, these included
 */
public record DataLoss(Instant time, long amount, long total) {
  /** The event's, which only the JVM writes. */
  public static final String NAME = "jdk.DataLoss";

  static DataLoss of(EventFields fields) {
    return new DataLoss(fields.endTime(), fields.number("amount"), fields.number("total"));
  }
}
