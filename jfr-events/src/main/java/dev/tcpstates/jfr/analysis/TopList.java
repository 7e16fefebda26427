// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps only the greatest values. */
final class TopList<T> {
  private final int limit;
  private final Comparator<T> order;
  private final PriorityQueue<T> top;

  TopList(int limit, Comparator<T> order) {
    this.limit = limit;
    this.order = order;
    this.top = new PriorityQueue<>(order);
  }

  void add(T value) {
    if (top.size() < limit) {
      top.add(value);
    } else if (order.compare(value, top.peek()) > 0) {
      top.poll();
      top.add(value);
    }
  }

  /** The greatest first. */
  List<T> list() {
    List<T> list = new ArrayList<>(top);
    list.sort(order.reversed());
    return list;
  }
}
