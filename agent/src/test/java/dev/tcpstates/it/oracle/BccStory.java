// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * bcc's rows, to be asked for one by one: they bear no time, and those of different processors come
 * in any order.
 */
final class BccStory {
  private record Key(long sk, String oldState, String newState, int localPort, int remotePort) {
    static Key of(long sk, Step step) {
      return new Key(sk, step.oldState(), step.newState(), step.localPort(), step.remotePort());
    }
  }

  private final Map<Key, Deque<BccRow>> rows = new HashMap<>();

  BccStory(List<BccRow> all) {
    for (BccRow row : all) {
      rows.computeIfAbsent(Key.of(row.sk(), row.step()), key -> new ArrayDeque<>()).add(row);
    }
  }

  /** Takes out the row of the same transition; null if bcc has none. To be called in time order. */
  BccRow take(FtraceRow row) {
    Deque<BccRow> same = rows.get(Key.of(row.sk(), row.step()));
    return same == null ? null : same.poll();
  }

  /** The load's rows that nobody has asked for. */
  List<BccRow> left(Load load) {
    return rows.values().stream()
        .flatMap(Collection::stream)
        .filter(row -> load.has(row.step()))
        .toList();
  }
}
