// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import java.util.Arrays;

/** A list of cookies that makes no objects of them. Not thread-safe. */
public final class CookieList {
  private long[] cookies = {};
  private int size;

  public void clear() {
    size = 0;
  }

  public int size() {
    return size;
  }

  public long get(int index) {
    return cookies[index];
  }

  public void add(long cookie) {
    if (size == cookies.length) {
      cookies = Arrays.copyOf(cookies, Math.max(64, size * 2));
    }
    cookies[size++] = cookie;
  }

  /** A copy in ascending order. */
  public long[] sorted() {
    long[] copy = Arrays.copyOf(cookies, size);
    Arrays.sort(copy);
    return copy;
  }
}
