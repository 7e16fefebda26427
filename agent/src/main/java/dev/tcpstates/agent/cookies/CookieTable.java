// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import java.util.function.IntConsumer;

/**
 * Some numbers for each of many sockets, by their cookies, eight bytes a number: open addressing,
 * nothing is ever taken out, no objects. Not thread-safe.
 */
public final class CookieTable {
  private static final int FIRST_SLOTS = 16;

  /** Numbers of a slot: the cookie, 0 for an empty slot, and the values. */
  private final int width;

  private long[] cells;
  private int size;

  /**
   * @param values how many numbers there are for each cookie
   */
  public CookieTable(int values) {
    width = 1 + values;
    cells = new long[FIRST_SLOTS * width];
  }

  /** How many cookies there are. */
  public int size() {
    return size;
  }

  /** The place of a cookie, or -1. Valid until the next {@link #add}. */
  public int find(long cookie) {
    int at = slot(cookie);
    return cells[at] == 0 ? -1 : at;
  }

  /** The place of a cookie that may be new; its values are 0 then. */
  public int add(long cookie) {
    int at = slot(cookie);
    if (cells[at] == 0) {
      if ((size + 1) * 4 > cells.length / width * 3) {
        grow();
        at = slot(cookie);
      }
      cells[at] = cookie;
      size++;
    }
    return at;
  }

  public long value(int at, int index) {
    return cells[at + 1 + index];
  }

  public void set(int at, int index, long value) {
    cells[at + 1 + index] = value;
  }

  /** Where a cookie is, or would be: the kernel gives them in order, so they are mixed first. */
  private int slot(long cookie) {
    int slots = cells.length / width;
    int slot = (int) ((cookie * 0x9E3779B97F4A7C15L) >>> 32) & (slots - 1);
    while (cells[slot * width] != 0 && cells[slot * width] != cookie) {
      slot = (slot + 1) & (slots - 1);
    }
    return slot * width;
  }

  /** Calls the action with the place of each cookie. The table must not change meanwhile. */
  public void forEach(IntConsumer action) {
    for (int at = 0; at < cells.length; at += width) {
      if (cells[at] != 0) {
        action.accept(at);
      }
    }
  }

  public long cookie(int at) {
    return cells[at];
  }

  private void grow() {
    long[] old = cells;
    cells = new long[old.length * 2];
    for (int from = 0; from < old.length; from += width) {
      if (old[from] != 0) {
        System.arraycopy(old, from, cells, slot(old[from]), width);
      }
    }
  }
}
