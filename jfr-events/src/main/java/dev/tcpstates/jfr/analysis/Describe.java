// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.StuckCause;
import java.time.Duration;
import java.time.Instant;

/** Describes how a socket ended, or its state. */
final class Describe {
  private Describe() {}

  static String socket(SocketLife socket, Instant end) {
    StringBuilder text = new StringBuilder();
    ConnectionInfo connection = socket.connection();
    if (connection != null) {
      text.append("ended by ").append(connection.end());
      if (connection.reason() != null) {
        text.append(" (").append(connection.reason()).append(')');
      }
    } else if (end != null && socket.state() != null) {
      text.append("in ")
          .append(socket.state())
          .append(" for ")
          .append(Words.duration(Duration.between(socket.since(), end)));
      StuckCause cause = socket.stuckAt(end);
      if (cause != null && !cause.isOfState(socket.state())) {
        text.append(", ").append(cause).append(" for ");
        text.append(Words.duration(LineSummary.stuckFor(socket, cause, end)));
      }
    } else {
      text.append("ended");
    }
    if (socket.retransmits() > 0) {
      text.append(", ").append(Words.count(socket.retransmits(), "retransmit"));
    }
    return text.toString();
  }
}
