// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.time.Duration;
import java.time.Instant;

/** Times from left to right, from the first transition to the recording's end. */
record TimeAxis(Instant begin, Instant end, double left, double right) {
  static TimeAxis of(TcpRecording recording, double left, double right) {
    Instant begin =
        recording.transitions().stream()
            .map(Transition::endTime)
            .min(Instant::compareTo)
            .orElseThrow();
    // The agent's last word comes when the recording ends.
    Instant end =
        recording.agentStates().stream()
            .map(state -> state.time())
            .max(Instant::compareTo)
            .orElseThrow();
    return new TimeAxis(begin, end, left, right);
  }

  double seconds() {
    return Duration.between(begin, end).toNanos() / 1e9;
  }

  double x(Instant time) {
    double part = Duration.between(begin, time).toNanos() / 1e9 / seconds();
    return left + (right - left) * Math.max(0, Math.min(1, part));
  }

  /** Draws a line for every second, and numbers every second one. */
  void draw(Svg svg, double top, double bottom) {
    for (int second = 0; second <= seconds(); second++) {
      double x = left + (right - left) * second / seconds();
      svg.line(x, top, x, bottom, Svg.GRID);
      if (second % 2 == 0) {
        svg.text(x, bottom + 16, "middle", Svg.FAINT, second + " s");
      }
    }
  }
}
