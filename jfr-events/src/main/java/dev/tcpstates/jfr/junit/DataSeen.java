// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Duration;
import java.time.Instant;

/**
 * What the snapshots of a socket have shown of its payload so far.
 *
 * @param time of the last snapshot; null if there was none
 * @param idle time without payload at the last snapshot; null if there never was payload
 * @param sent payload in bytes that was sent, as far as it is recorded
 */
record DataSeen(Instant time, Duration idle, long sent) {
  static final DataSeen NONE = new DataSeen(null, null, 0);

  DataSeen with(Instant newTime, Duration lastSent, Duration lastReceived, long moreSent) {
    return new DataSeen(newTime, shorter(lastSent, lastReceived), sent + moreSent);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one == null || other != null && other.compareTo(one) < 0 ? other : one;
  }

  /** Time without payload at the last snapshot; null if unknown. */
  Duration idle(SocketLife life) {
    if (time == null || idle != null) {
      return idle;
    }
    Instant established = life.establishedAt();
    return established == null ? null : Duration.between(established, time);
  }
}
