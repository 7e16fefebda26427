// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A value per key that names a line of code, up to a limit, and one for all further keys. */
final class Lines<K, V> {
  private final Map<K, V> values = new LinkedHashMap<>();
  private final int limit;
  private final UnaryOperator<K> other;
  private final Function<K, V> maker;

  /**
   * @param other returns the key for lines beyond the limit
   */
  Lines(int limit, UnaryOperator<K> other, Function<K, V> maker) {
    this.limit = limit;
    this.other = other;
    this.maker = maker;
  }

  V of(K key) {
    V known = values.get(key);
    if (known != null) {
      return known;
    }
    return values.computeIfAbsent(values.size() < limit ? key : other.apply(key), maker);
  }

  Iterable<V> all() {
    return values.values();
  }
}
