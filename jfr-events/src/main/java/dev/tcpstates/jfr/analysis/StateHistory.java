// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many sockets were in each state over time, as the maximum per stretch of time. The stretches
 * become longer as the recording does, so that there are at most {@link StateCounts#STRETCHES}.
 */
final class StateHistory {
  private static final Duration FIRST = Duration.ofMillis(1);

  /** The order in which reports list the states. */
  static final Comparator<TcpState> BY_NAME = Comparator.comparing(TcpState::name);

  private static final class Series {
    final int[] most = new int[StateCounts.STRETCHES];
    int now;
    int peak;
  }

  private final Map<TcpState, Series> states = new TreeMap<>(BY_NAME);
  private final Instant start;
  private Duration stretch = FIRST;
  private int used = 1;

  StateHistory(Instant start) {
    this.start = start;
  }

  /** Changes the number of sockets in a state. */
  void add(TcpState state, int change, Instant time) {
    Series series = series(state);
    set(series, Math.max(0, series.now + change), time);
  }

  /** Sets the number of sockets in a state. */
  void set(TcpState state, int count, Instant time) {
    if (count > 0 || states.containsKey(state)) {
      set(series(state), count, time);
    }
  }

  private Series series(TcpState state) {
    return states.computeIfAbsent(state, name -> new Series());
  }

  private void set(Series series, int count, Instant time) {
    goOnTo(time);
    series.now = count;
    series.peak = Math.max(series.peak, count);
    series.most[used - 1] = Math.max(series.most[used - 1], count);
  }

  /** Extends the numbers to this time. */
  void goOnTo(Instant time) {
    Duration since = Duration.between(start, time);
    while (since.compareTo(stretch.multipliedBy(StateCounts.STRETCHES)) >= 0) {
      halve();
    }
    int needed = since.isNegative() ? 0 : (int) (since.toNanos() / stretch.toNanos()) + 1;
    for (; used < needed; used++) {
      for (Series series : states.values()) {
        series.most[used] = series.now;
      }
    }
  }

  private void halve() {
    stretch = stretch.multipliedBy(2);
    for (Series series : states.values()) {
      for (int i = 0; i < StateCounts.STRETCHES; i++) {
        series.most[i] =
            2 * i < StateCounts.STRETCHES
                ? Math.max(series.most[2 * i], series.most[2 * i + 1])
                : 0;
      }
    }
    used = (used + 1) / 2;
  }

  boolean isEmpty() {
    return states.isEmpty();
  }

  /** All states that any socket was in. */
  List<StateCounts> counts() {
    List<StateCounts> counts = new ArrayList<>();
    states.forEach(
        (state, series) ->
            counts.add(
                new StateCounts(
                    state,
                    series.now,
                    series.peak,
                    Arrays.stream(series.most, 0, used).boxed().toList())));
    counts.removeIf(count -> count.peak() == 0);
    return counts;
  }

  Duration stretch() {
    return stretch;
  }
}
