// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many sockets were in each state, as a few numbers along the time: the most within each
 * stretch of it. The stretches become longer as the recording does, so that there never are more
 * than {@link #STRETCHES}.
 */
final class StateHistory {
  private static final Duration FIRST = Duration.ofMillis(1);

  private static final class Series {
    final int[] most = new int[StateCounts.STRETCHES];
    int now;
    int peak;
  }

  private final Map<String, Series> states = new TreeMap<>();
  private final Instant start;
  private Duration stretch = FIRST;
  private int used = 1;

  StateHistory(Instant start) {
    this.start = start;
  }

  /** One socket more, or less, is in a state from now on. */
  void add(String state, int change, Instant time) {
    Series series = series(state);
    set(series, Math.max(0, series.now + change), time);
  }

  /** So many sockets are in a state now. */
  void set(String state, int count, Instant time) {
    if (count > 0 || states.containsKey(state)) {
      set(series(state), count, time);
    }
  }

  private Series series(String state) {
    return states.computeIfAbsent(state, name -> new Series());
  }

  private void set(Series series, int count, Instant time) {
    goOnTo(time);
    series.now = count;
    series.peak = Math.max(series.peak, count);
    series.most[used - 1] = Math.max(series.most[used - 1], count);
  }

  /** Until this time, all stays as it is. */
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
