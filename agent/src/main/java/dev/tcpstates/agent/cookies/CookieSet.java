// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

/**
 * A set of cookies. The kernel gives them in rows of some thousands for each CPU
 * (include/linux/cookie.h), so those of one process lie close together: 64 numbers share an entry.
 * Nothing is ever taken out. Not thread-safe.
 */
public final class CookieSet {
  /** By the upper bits of the cookies and 1, a bit for each of 64. */
  private final CookieTable rows = new CookieTable(1);

  private int size;

  /** How many cookies there are. */
  public int size() {
    return size;
  }

  /** How many entries they take: 21 to 43 bytes each. */
  public int rows() {
    return rows.size();
  }

  public boolean contains(long cookie) {
    int at = rows.find(row(cookie));
    return at >= 0 && (rows.value(at, 0) & bit(cookie)) != 0;
  }

  public void add(long cookie) {
    int at = rows.add(row(cookie));
    long bits = rows.value(at, 0);
    if ((bits & bit(cookie)) == 0) {
      rows.set(at, 0, bits | bit(cookie));
      size++;
    }
  }

  /** Never 0, which is an empty place in the table. */
  private static long row(long cookie) {
    return (cookie >>> 6) + 1;
  }

  private static long bit(long cookie) {
    return 1L << cookie;
  }
}
