// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The states of one socket in the order of time.
 *
 * @param life what is known about the socket
 * @param start when it entered the first of these states
 * @param end when it left the last one, which is the recording's end if it is still open
 * @param stays can't be modified
 */
public record Lifeline(SocketLife life, Instant start, Instant end, List<Stay> stays) {
  /**
   * The time in one state.
   *
   * @param from since the start of the socket's first state
   */
  public record Stay(TcpState state, Duration from) {}

  public Lifeline {
    stays = List.copyOf(stays);
  }

  /** Whether the socket was still open when the recording ended. */
  public boolean isOpen() {
    return !life.isClosed();
  }
}
