// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieSet;
import dev.tcpstates.jfr.TcpState;
import java.util.function.LongPredicate;

/**
 * The cookies of own sockets of which something may be left in TIME_WAIT: the kernel keeps the
 * cookie, and not whose it was. Not thread-safe.
 *
 * <p>Nobody tells when TIME_WAIT ends. So there are two halves, one that is filled and one that is
 * forgotten when that takes its place. What is seen in a snapshot moves into the first.
 */
final class TimeWaits {
  /** FIN_WAIT2 without a descriptor lasts for up to a minute, TIME_WAIT after it for another. */
  private static final long HALF_NANOS = 130_000_000_000L;

  /** As many as the kernel keeps at most, unless told otherwise (tcp_max_tw_buckets). */
  private static final int HALF_COOKIES = 1 << 18;

  /** At most 4 MiB for a half, should the cookies lie far apart. */
  private static final int HALF_ROWS = 1 << 17;

  private static final int FIN_WAIT1 = TcpState.FIN_WAIT1.kernelValue();
  private static final int FIN_WAIT2 = TcpState.FIN_WAIT2.kernelValue();
  private static final int CLOSING = TcpState.CLOSING.kernelValue();

  private final LongPredicate open;
  private CookieSet young = new CookieSet();
  private CookieSet old = new CookieSet();
  private long youngSince;

  /**
   * @param now in ns of {@code System.nanoTime()}
   * @param open whether a socket is taken for open: nobody may have heard of its end
   */
  TimeWaits(long now, LongPredicate open) {
    youngSince = now;
    this.open = open;
  }

  /**
   * A socket has gone to CLOSE.
   *
   * @param oldState the kernel's number of the state that it left
   */
  void ended(long socketId, int oldState, long now) {
    // From FIN_WAIT1 if a transition was skipped.
    if (oldState == FIN_WAIT2 || oldState == CLOSING || oldState == FIN_WAIT1) {
      forget(now);
      young.add(socketId);
    }
  }

  /** A socket has ended, and from which state nobody knows. */
  void gone(long socketId) {
    young.add(socketId);
  }

  /** Whether a socket in TIME_WAIT is this JVM's; remembers it for longer if so. */
  boolean isOwn(long socketId) {
    if (young.contains(socketId)) {
      return true;
    }
    if (!old.contains(socketId) && !open.test(socketId)) {
      return false;
    }
    young.add(socketId);
    return true;
  }

  /** Forgets what is over. */
  void forget(long now) {
    if (now - youngSince > HALF_NANOS
        || young.size() >= HALF_COOKIES
        || young.rows() >= HALF_ROWS) {
      old = young;
      young = new CookieSet();
      youngSince = now;
    }
  }

  /** How many cookies are kept; one may be counted twice. */
  int size() {
    return young.size() + old.size();
  }
}
