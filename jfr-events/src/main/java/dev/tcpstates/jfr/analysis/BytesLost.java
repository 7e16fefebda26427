// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.DataLoss;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The sum of what Flight Recorder itself has lost.
 *
 * @param bytes bytes lost
 * @param from when the first was lost
 * @param to when the last was
 */
public record BytesLost(long bytes, Instant from, Instant to) {
  /**
   * Adds a loss.
   *
   * @param before the previous losses; null if there are none
   */
  public static BytesLost sum(BytesLost before, DataLoss more) {
    Instant time = more.time();
    if (before == null) {
      return new BytesLost(more.amount(), time, time);
    }
    return new BytesLost(
        before.bytes + more.amount(),
        time.isBefore(before.from) ? time : before.from,
        time.isAfter(before.to) ? time : before.to);
  }

  /** As a sentence without a full stop. */
  public String words() {
    Instant first = from.truncatedTo(ChronoUnit.SECONDS);
    Instant last = to.truncatedTo(ChronoUnit.SECONDS);
    return "Flight Recorder lost "
        + bytes
        + " bytes of events of unknown types, because its buffers were full, at "
        + first
        + (last.equals(first) ? "" : " to " + last);
  }
}
