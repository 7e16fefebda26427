// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/** Limits the 99th percentile of a duration of connections. */
final class PercentileRule extends Rule {
  private static final int PERCENT = 99;

  private final Duration limit;
  private final String what;
  private final Function<SocketLife, Duration> time;
  private final Durations durations = new Durations();
  private final Offenders offenders = new Offenders();
  private long over;

  PercentileRule(String name, Duration limit, String what, Function<SocketLife, Duration> time) {
    super(name);
    this.limit = limit;
    this.what = what;
    this.time = time;
  }

  @Override
  void ended(SocketLife socket, Instant end) {
    Duration taken = time.apply(socket);
    if (taken == null) {
      return;
    }
    durations.add(taken);
    if (taken.compareTo(limit) > 0) {
      over++;
      offenders.add(
          socket.opener(), socket.last(), taken.toNanos(), Words.duration(taken) + " " + what);
    }
  }

  @Override
  boolean judgedNothing() {
    return durations.count() == 0;
  }

  @Override
  Verdict verdict() {
    long count = durations.count();
    // Not by the percentile, which is rounded if there are many durations.
    boolean passed = over * 100 <= count * (100 - PERCENT);
    return offenders.verdict(
        name(),
        passed,
        count == 0
            ? "none " + what
            : "p99 "
                + Words.duration(durations.percentile(PERCENT))
                + " "
                + what
                + ", "
                + over
                + " of "
                + count
                + " longer than allowed");
  }
}
