// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.sockets.OpenSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Who opened the sockets that have ended a moment ago, for what the kernel tells of them, or of a
 * listener's children, right after their end. Kept for a second at least, and for one whole reading
 * of the ring. Not thread-safe.
 */
final class EndedSockets {
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** More than end in two seconds, but not so many that they would be a leak. */
  private static final int MOST = 1 << 16;

  private Map<Long, OpenSocket> recent = new HashMap<>();
  private Map<Long, OpenSocket> older = new HashMap<>();
  private long turnedAt = System.nanoTime();

  void add(long socketId, OpenSocket socket) {
    if (recent.size() < MOST) {
      recent.put(socketId, socket);
    }
  }

  /** Who opened it, or {@code null} if it has not ended, or long ago. */
  OpenSocket get(long socketId) {
    OpenSocket socket = recent.get(socketId);
    return socket == null ? older.get(socketId) : socket;
  }

  /** To be called before each reading of the ring: forgets what ended long ago. */
  void forget() {
    long now = System.nanoTime();
    if (now - turnedAt > KEPT_NANOS && !(recent.isEmpty() && older.isEmpty())) {
      turnedAt = now;
      older = recent;
      recent = new HashMap<>();
    }
  }
}
