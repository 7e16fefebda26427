// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.cookies.SocketMap;

/**
 * The openers of sockets that have just ended, for records of them, or of a listener's children,
 * that follow their end. Not thread-safe.
 */
public final class EndedSockets {
  /** More than end in twice the time, but not so many that they would be a leak. */
  private static final int MOST = 1 << 16;

  private final long keptNanos;
  private SocketMap<OpenSocket> recent = new SocketMap<>();
  private SocketMap<OpenSocket> older = new SocketMap<>();
  private long turnedAt;

  /**
   * @param keptNanos for how long each is kept at least, besides one whole reading of the ring
   * @param now the time, in ns, as for {@link #forget}
   */
  public EndedSockets(long keptNanos, long now) {
    this.keptNanos = keptNanos;
    this.turnedAt = now;
  }

  /** A socket has ended. */
  public void add(OpenSocket socket) {
    if (recent.size() < MOST) {
      recent.put(socket);
    }
  }

  /** Who opened it, or {@code null} if it has not ended, or long ago. */
  public OpenSocket get(long socketId) {
    OpenSocket socket = recent.get(socketId);
    return socket == null ? older.get(socketId) : socket;
  }

  /** To be called before each reading of the ring: forgets what ended long ago. */
  public void forget(long now) {
    if (now - turnedAt > keptNanos && recent.size() + older.size() > 0) {
      turnedAt = now;
      older = recent;
      recent = new SocketMap<>();
    }
  }
}
