// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import java.util.function.Consumer;

/**
 * Sockets by their cookies. Unlike the JDK's maps, it makes no object for an entry or a key, and
 * gives back what it needed for the most sockets that were ever open at once. Not thread-safe, but
 * that any thread may ask for the size.
 *
 * <p>Open addressing: a socket is at its place or, without a gap, after it.
 */
public final class SocketMap<S extends SocketMap.Entry> {
  /** What is kept for a socket. */
  public interface Entry {
    /** The socket's cookie, always the same. */
    long socketId();
  }

  private static final int LEAST = 16;

  /** Near to 2^64 divided by the golden ratio: neighbours end up far apart. */
  private static final long MIX = 0x9E3779B97F4A7C15L;

  private long[] cookies;
  private Entry[] sockets;
  private int size;

  /** Makes an empty map. */
  public SocketMap() {
    allocate(LEAST);
  }

  /** Both or, where there is no memory for them, neither. */
  private void allocate(int places) {
    long[] newCookies = new long[places];
    Entry[] newSockets = new Entry[places];
    cookies = newCookies;
    sockets = newSockets;
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** The socket, or {@code null}. */
  public S get(long cookie) {
    return at(find(cookie));
  }

  /** Puts a socket in the place of the one with its cookie, which it returns, or {@code null}. */
  public S put(S socket) {
    int at = find(socket.socketId());
    S before = at(at);
    if (before == null) {
      if ((size + 1) * 4 > cookies.length * 3) {
        resize(cookies.length * 2);
        at = find(socket.socketId());
      }
      size++;
    }
    cookies[at] = socket.socketId();
    sockets[at] = socket;
    return before;
  }

  /** Returns what was there, or {@code null}. */
  public S remove(long cookie) {
    int gap = find(cookie);
    S removed = at(gap);
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
      shrink();
    }
    return removed;
  }

  /** Calls the action for each socket; it may not change anything here. */
  public void forEach(Consumer<S> action) {
    for (int i = 0; i < sockets.length; i++) {
      if (sockets[i] != null) {
        action.accept(at(i));
      }
    }
  }

  @SuppressWarnings("unchecked") // nothing else is ever put in
  private S at(int place) {
    return (S) sockets[place];
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

  private void shrink() {
    try {
      resize(cookies.length / 2);
    } catch (OutOfMemoryError e) {
      // It stays as it is until the next one is removed.
    }
  }

  private void resize(int places) {
    Entry[] old = sockets;
    allocate(places);
    for (Entry socket : old) {
      if (socket != null) {
        int at = find(socket.socketId());
        cookies[at] = socket.socketId();
        sockets[at] = socket;
      }
    }
  }
}
