// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.sockets;

import java.util.function.ObjLongConsumer;

/**
 * Open sockets by their cookies. Unlike the JDK's maps, it makes no object for an entry or a key,
 * and gives back what it needed for the most sockets that were ever open at once. Thread-safe: each
 * of its parts has a lock, under which nothing else is called.
 */
final class SocketMap {
  private static final int PART_BITS = 4;

  /** Odd, and near 2^64 divided by the golden ratio: neighbours end up far apart. */
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private final Part[] parts = new Part[1 << PART_BITS];

  SocketMap() {
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part();
    }
  }

  private Part part(long cookie) {
    return parts[(int) (cookie * MIX >>> Long.SIZE - PART_BITS)];
  }

  /** The socket, or {@code null}. */
  OpenSocket get(long cookie) {
    return part(cookie).get(cookie);
  }

  /**
   * Puts a socket in the place of what is there.
   *
   * @param cookie not 0, which the kernel gives to no socket
   * @return what was there, or {@code null}
   */
  OpenSocket put(long cookie, OpenSocket socket) {
    return part(cookie).put(cookie, socket, true);
  }

  /**
   * Puts a socket there if there is none; returns the one that is there already, or {@code null}.
   */
  OpenSocket putIfAbsent(long cookie, OpenSocket socket) {
    return part(cookie).put(cookie, socket, false);
  }

  /** Returns what was there, or {@code null}. */
  OpenSocket remove(long cookie) {
    return part(cookie).remove(cookie);
  }

  /** How many there are, as if counted one part after the other. */
  int size() {
    int size = 0;
    for (Part part : parts) {
      size += part.size();
    }
    return size;
  }

  /** Calls the action for each socket, of what is there when its part's turn comes. */
  void forEach(ObjLongConsumer<OpenSocket> action) {
    for (Part part : parts) {
      part.copy().forEachHere(action);
    }
  }

  /** Open addressing: an entry is at its place or, without a gap, after it. */
  private static final class Part {
    private static final int LEAST = 8;

    private long[] cookies;
    private OpenSocket[] sockets;
    private int size;

    Part() {
      allocate(LEAST);
    }

    private Part(Part from) {
      cookies = from.cookies.clone();
      sockets = from.sockets.clone();
      size = from.size;
    }

    private void allocate(int places) {
      cookies = new long[places];
      sockets = new OpenSocket[places];
    }

    synchronized Part copy() {
      return new Part(this);
    }

    void forEachHere(ObjLongConsumer<OpenSocket> action) {
      for (int i = 0; i < cookies.length; i++) {
        if (sockets[i] != null) {
          action.accept(sockets[i], cookies[i]);
        }
      }
    }

    synchronized int size() {
      return size;
    }

    synchronized OpenSocket get(long cookie) {
      return sockets[find(cookie)];
    }

    synchronized OpenSocket put(long cookie, OpenSocket socket, boolean replace) {
      int at = find(cookie);
      OpenSocket before = sockets[at];
      if (before == null) {
        if ((size + 1) * 4 > cookies.length * 3) {
          resize(cookies.length * 2);
          at = find(cookie);
        }
        size++;
      }
      if (before == null || replace) {
        cookies[at] = cookie;
        sockets[at] = socket;
      }
      return before;
    }

    synchronized OpenSocket remove(long cookie) {
      int gap = find(cookie);
      OpenSocket removed = sockets[gap];
      if (removed == null) {
        return null;
      }
      int mask = cookies.length - 1;
      for (int i = gap + 1 & mask; sockets[i] != null; i = i + 1 & mask) {
        // Into the gap, unless that lies before its place.
        if ((i - place(cookies[i]) & mask) >= (i - gap & mask)) {
          cookies[gap] = cookies[i];
          sockets[gap] = sockets[i];
          gap = i;
        }
      }
      sockets[gap] = null;
      size--;
      if (size * 8 < cookies.length && cookies.length > LEAST) {
        resize(cookies.length / 2);
      }
      return removed;
    }

    /** Where a cookie is or would be. */
    private int find(long cookie) {
      int at = place(cookie);
      while (sockets[at] != null && cookies[at] != cookie) {
        at = at + 1 & cookies.length - 1;
      }
      return at;
    }

    private int place(long cookie) {
      return (int) (cookie * MIX >>> Integer.SIZE) & cookies.length - 1;
    }

    private void resize(int places) {
      long[] oldCookies = cookies;
      OpenSocket[] oldSockets = sockets;
      allocate(places);
      for (int i = 0; i < oldCookies.length; i++) {
        if (oldSockets[i] != null) {
          int at = find(oldCookies[i]);
          cookies[at] = oldCookies[i];
          sockets[at] = oldSockets[i];
        }
      }
    }
  }
}
