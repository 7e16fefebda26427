// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieTable;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.jfr.TcpState;
import java.util.concurrent.TimeUnit;

/**
 * How long the remote side has acknowledged nothing of what is in flight, and how long the
 * application has read nothing of what was received. Each time is a lower bound: since the first
 * snapshot that showed the same bytes acknowledged or read, or longer where the kernel's own times
 * prove it. Not thread-safe.
 */
final class Progress {
  /** Values of the tables: the bytes so far, each followed by the time since which. */
  private static final int ACKNOWLEDGED = 0;

  private static final int READ = 2;
  private static final int VALUES = 4;

  /** The kernel's TCP_RTO_MAX. */
  private static final long LONGEST_TIMEOUT = TimeUnit.SECONDS.toNanos(120);

  private static final int MOST_DOUBLINGS = 30;

  private CookieTable before = new CookieTable(VALUES);
  private CookieTable now = new CookieTable(VALUES);

  /** Starts a snapshot; {@link #unacknowledged} and {@link #unread} are to be asked for each. */
  void begin() {
    before = now;
    now = new CookieTable(VALUES);
  }

  /**
   * Returns for how many ns the remote side has acknowledged nothing; 0 if nothing is in flight.
   *
   * @param timeInState how long the socket has been in its state, in ns
   */
  long unacknowledged(SnapshotView socket, long timeInState, long time) {
    boolean fin = hasFinInFlight(socket);
    if (socket.sendQueue() == 0 && !fin) {
      return 0;
    }
    long unchanged = unchanged(socket, ACKNOWLEDGED, socket.bytesAcknowledged(), time);
    long acknowledged = socket.lastAcknowledgement();
    if (acknowledged < 0) {
      return unchanged;
    }
    long sent = socket.sendQueue() == 0 ? 0 : sinceFirstSent(socket);
    if (fin) {
      sent = Math.max(sent, timeInState);
    }
    return Math.max(unchanged, Math.min(acknowledged, sent));
  }

  /** In these states, the remote side has not acknowledged this side's FIN. */
  private static boolean hasFinInFlight(SnapshotView socket) {
    return switch (TcpState.nameOf(socket.state())) {
      case "FIN_WAIT1", "CLOSING", "LAST_ACK" -> true;
      default -> false;
    };
  }

  /** The kernel knows when it last sent; each timeout before that was half as long as the next. */
  private static long sinceFirstSent(SnapshotView socket) {
    long first = socket.timeout() >> Math.min(MOST_DOUBLINGS, socket.backoff());
    long time = Math.max(0, socket.lastSent());
    for (int i = 0; i < socket.timeouts(); i++) {
      long doubled = first << Math.min(MOST_DOUBLINGS, Math.min(i, socket.backoff()));
      time += Math.min(doubled, LONGEST_TIMEOUT);
    }
    return time;
  }

  /** Returns for how many ns the application has read nothing; 0 if there is nothing to read. */
  long unread(SnapshotView socket, long time) {
    if (socket.receiveQueue() == 0) {
      return 0;
    }
    long read = socket.bytesReceived() - socket.receiveQueue();
    long unchanged = unchanged(socket, READ, read, time);
    return read == 0 ? Math.max(unchanged, socket.lastReceived()) : unchanged;
  }

  private long unchanged(SnapshotView socket, int index, long bytes, long time) {
    int at = now.add(socket.socketId());
    int known = before.find(socket.socketId());
    boolean same =
        known >= 0 && before.value(known, index + 1) != 0 && before.value(known, index) == bytes;
    long since = same ? before.value(known, index + 1) : time;
    now.set(at, index, bytes);
    now.set(at, index + 1, since);
    return time - since;
  }
}
