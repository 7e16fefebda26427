// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;

/** Limits the longest duration of something. */
final class LongestRule extends Rule {
  private final Duration limit;
  private final String what;
  private final TcpState state;
  private final BiFunction<SocketLife, Instant, Duration> time;
  private final Offenders offenders = new Offenders();
  private Duration longest = Duration.ZERO;
  private long count;
  private long over;

  /**
   * @param state the state whose duration is limited; null if {@code time} is limited
   * @param time the duration of a socket to limit, by when the recording ended, or null if it has
   *     none; null if the state is limited
   */
  LongestRule(
      String name,
      Duration limit,
      String what,
      TcpState state,
      BiFunction<SocketLife, Instant, Duration> time) {
    super(name);
    this.limit = limit;
    this.what = what;
    this.state = state;
    this.time = time;
  }

  @Override
  void stateLeft(SocketLife socket, TcpState left, Duration stay) {
    if (left == state) {
      add(socket, stay);
    }
  }

  @Override
  void ended(SocketLife socket, Instant end) {
    if (end != null && state != null && state == socket.state()) {
      add(socket, Duration.between(socket.since(), end));
    }
    Duration taken = time == null ? null : time.apply(socket, end);
    if (taken != null) {
      add(socket, taken);
    }
  }

  private void add(SocketLife socket, Duration taken) {
    count++;
    longest = taken.compareTo(longest) > 0 ? taken : longest;
    if (taken.compareTo(limit) > 0) {
      over++;
      offenders.add(
          socket.opener(), socket.last(), taken.toNanos(), Words.duration(taken) + " " + what);
    }
  }

  @Override
  boolean judgedNothing() {
    return time != null && count == 0;
  }

  @Override
  Verdict verdict() {
    return offenders.verdict(
        name(),
        over == 0,
        count == 0
            ? "none " + what
            : "at most "
                + Words.duration(longest)
                + " "
                + what
                + (over == 0 ? "" : ", " + over + " of " + count + " longer than allowed"));
  }
}
