// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.cookies.CookieSet;
import dev.tcpstates.jfr.TcpState;
import java.util.function.LongPredicate;

/**
 * The cookies of owned sockets that may be in TIME_WAIT: there, the kernel keeps the cookie and not
 * the owner. Not thread-safe.
 *
 * <p>The end of TIME_WAIT is not reported. So there are two halves: new cookies go into the young
 * one, and after a while it replaces the old one. A cookie that is in a snapshot moves into the
 * young half.
 */
final class TimeWaits {
  /** FIN_WAIT2 without a descriptor lasts for up to a minute, TIME_WAIT after it for another. */
  private static final long HALF_NANOS = 130_000_000_000L;

  /** The kernel's default limit of sockets in TIME_WAIT (tcp_max_tw_buckets). */
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
   * @param open whether a socket counts as open: its end may have been missed
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

  /** A socket has ended, from an unknown state. */
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

  /** Replaces the old half if its time is over. */
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
