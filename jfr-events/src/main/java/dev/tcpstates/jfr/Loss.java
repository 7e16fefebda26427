// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Events that are missing from the recording, or incomplete.
 *
 * @param from when all was last known to be well
 * @param to when the loss was noticed
 * @param count how many were lost
 * @param lostType name of the event type they are of, such as {@code tcpstates.StateChange}
 * @param reason {@code RING_FULL}, {@code PROGRAM_SKIPPED}, {@code NO_MEMORY} or {@code
 *     UNREADABLE}; null if the recording lacks it
 */
public record Loss(Instant from, Instant to, int count, String lostType, String reason) {

  static Loss of(EventFields fields) {
    return new Loss(
        fields.startTime(),
        fields.endTime(),
        fields.integer("count"),
        fields.text("lostType"),
        fields.text("reason"));
  }
}
