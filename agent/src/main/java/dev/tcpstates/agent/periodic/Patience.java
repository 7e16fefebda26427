// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * When the kernel gives up on data or a FIN that nobody acknowledges: by the rules of
 * tcp_write_timeout() in its net/ipv4/tcp_timer.c. When the retransmission timer runs out, and the
 * first retransmit was longer ago than a limit, the connection ends. Else the timer is set again,
 * to twice the time.
 *
 * @param retries {@code tcp_retries2}; negative: unknown
 * @param orphanRetries {@code tcp_orphan_retries}; negative: unknown
 */
record Patience(int retries, int orphanRetries) {
  private static final Path SETTINGS = Path.of("/proc/sys/net/ipv4");

  /** The kernel's TCP_RTO_MIN, from which it derives the limit, whatever the real timeout is. */
  private static final long SHORTEST_TIMEOUT = TimeUnit.MILLISECONDS.toNanos(200);

  /** Of orphans if {@code tcp_orphan_retries} is 0, while their timeout is not the longest. */
  private static final int DEFAULT_ORPHAN_RETRIES = 8;

  /** The settings of this JVM's network namespace. */
  static Patience read() {
    return new Patience(setting("tcp_retries2"), setting("tcp_orphan_retries"));
  }

  private static int setting(String name) {
    try {
      return Integer.parseInt(Files.readString(SETTINGS.resolve(name)).strip());
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }

  /** In how many ns the kernel gives up if nothing comes; -1 if that is unknown, or never. */
  long left(SnapshotView socket) {
    long longest = socket.longestTimeout();
    long time = socket.nextTimeout();
    long timeout = socket.timeout();
    if (time < 0 || timeout <= 0 || longest < SHORTEST_TIMEOUT || isUnknown(socket)) {
      return -1;
    }
    long waited = socket.firstRetransmit(); // less than 0: unknown, or it is yet to come
    if (socket.timeouts() == 0) {
      waited = -time; // the first retransmit is the one to come
      timeout = Math.min(2 * timeout, longest);
      time += timeout;
    }
    while (waited + time < limit(socket, timeout, longest)) {
      timeout = Math.min(2 * timeout, longest);
      long step = timeout;
      if (socket.userTimeout() != 0) {
        step = Math.min(step, socket.userTimeout() - waited - time);
      }
      time += step;
    }
    return time;
  }

  private boolean isUnknown(SnapshotView socket) {
    return socket.timeouts() != 0 && socket.firstRetransmit() < 0
        || socket.userTimeout() == 0 && (socket.orphan() ? orphanRetries : retries) < 0;
  }

  private long limit(SnapshotView socket, long timeout, long longest) {
    if (socket.userTimeout() != 0) {
      return socket.userTimeout();
    }
    if (!socket.orphan()) {
      return limit(retries, longest);
    }
    boolean alive = timeout < longest;
    if (!alive && socket.softError()) {
      return limit(0, longest);
    }
    return limit(alive && orphanRetries == 0 ? DEFAULT_ORPHAN_RETRIES : orphanRetries, longest);
  }

  /** How long so many retransmits take, if the first comes after the shortest timeout. */
  private static long limit(int retries, long longest) {
    int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(longest / SHORTEST_TIMEOUT);
    if (retries <= doublings) {
      return ((2L << retries) - 1) * SHORTEST_TIMEOUT;
    }
    return ((2L << doublings) - 1) * SHORTEST_TIMEOUT + (retries - doublings) * longest;
  }
}
