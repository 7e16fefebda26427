// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.diag;

import java.util.Arrays;

/** A list of cookies that makes no objects of them. Not thread-safe. */
final class Cookies {
  private long[] cookies = {};
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return cookies[index];
  }

  void add(long cookie) {
    if (size == cookies.length) {
      cookies = Arrays.copyOf(cookies, Math.max(64, size * 2));
    }
    cookies[size++] = cookie;
  }

  /** A copy in ascending order. */
  long[] sorted() {
    long[] copy = Arrays.copyOf(cookies, size);
    Arrays.sort(copy);
    return copy;
  }
}
