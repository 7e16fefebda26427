// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Counts and times by text, such as the line of code. */
final class Tally {
  /** How many entries are printed. */
  private static final int SHOWN = 10;

  /** The counts and times of one text; times in nanoseconds. */
  static final class Entry {
    private final String text;
    private int count;
    private long longest;
    private long total;

    private Entry(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    int count() {
      return count;
    }

    long longest() {
      return longest;
    }

    long total() {
      return total;
    }
  }

  private final Map<String, Entry> entries = new HashMap<>();

  void add(String text, long nanos) {
    Entry entry = entries.computeIfAbsent(text, Entry::new);
    entry.count++;
    entry.longest = Math.max(entry.longest, nanos);
    entry.total += nanos;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int count() {
    return entries.values().stream().mapToInt(Entry::count).sum();
  }

  boolean isOne() {
    return entries.size() == 1;
  }

  /** How many are of the first by count, if there are several texts. */
  String partOfFirst() {
    int first = isEmpty() ? 0 : byCount().get(0).count;
    return 2 * first > count() ? "most of them" : first + " of them";
  }

  int count(String text) {
    Entry entry = entries.get(text);
    return entry == null ? 0 : entry.count;
  }

  long longest() {
    return entries.values().stream().mapToLong(Entry::longest).max().orElse(0);
  }

  long total() {
    return entries.values().stream().mapToLong(Entry::total).sum();
  }

  List<Entry> byCount() {
    return sorted(Comparator.comparingLong(Entry::count));
  }

  List<Entry> byLongest() {
    return sorted(Comparator.comparingLong(Entry::longest));
  }

  private List<Entry> sorted(Comparator<Entry> order) {
    return entries.values().stream().sorted(order.reversed().thenComparing(Entry::text)).toList();
  }

  /** The first entries as texts, and the number of further ones. */
  static <T> List<String> texts(List<T> sorted, Function<T, String> text) {
    List<String> texts = new ArrayList<>();
    sorted.stream().limit(SHOWN).map(text).forEach(texts::add);
    if (sorted.size() > SHOWN) {
      texts.add("and " + (sorted.size() - SHOWN) + " more");
    }
    return texts;
  }
}
