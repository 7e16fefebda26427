// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * Events that are missing from the recording, or incomplete.
 *
 * @param from the last time at which nothing was lost
 * @param to when the agent noticed the loss
 * @param count how many events were lost
 * @param lostType name of their event type, such as {@code tcpstates.StateChange}
 * @param reason {@code RING_FULL}, {@code PROGRAM_SKIPPED}, {@code NO_MEMORY} or {@code
 *     UNREADABLE}; null if the recording lacks it
 */
public record Loss(Instant from, Instant to, int count, String lostType, String reason) {}
