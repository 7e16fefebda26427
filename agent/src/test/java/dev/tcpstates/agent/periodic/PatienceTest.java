// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.periodic.Snapshots.SocketNow;
import org.junit.jupiter.api.Test;

/**
 * The kernel's documentation (ip-sysctl) of {@code tcp_retries2}: "The default value of 15 yields a
 * hypothetical timeout of 924.6 seconds and is a lower bound for the effective timeout. TCP will
 * effectively time out at the first RTO which exceeds the hypothetical timeout."
 */
class PatienceTest {
  private static final Patience DEFAULTS = new Patience(15, 0);

  /** Sent just now, and acknowledged by nobody. */
  private static SocketNow sent(int timeout) {
    SocketNow socket = new SocketNow();
    socket.timeout = socket.nextTimeout = timeout;
    return socket;
  }

  /** The last of so many retransmits was just now. */
  private static SocketNow retransmitted(int firstTimeout, int times) {
    SocketNow socket = new SocketNow();
    socket.timeouts = socket.backoff = times;
    socket.timeout = socket.nextTimeout = firstTimeout << times;
    // The timers between them: the first retransmit was after the first timeout.
    socket.firstRetransmit = (firstTimeout << times) - 2 * firstTimeout;
    return socket;
  }

  private static long left(Patience patience, SocketNow socket) {
    long nanos = patience.left(socket.view());
    return nanos < 0 ? nanos : nanos / 1_000_000;
  }

  @Test
  void theFirstTimeoutAfterTheLimit() {
    // Retransmits at 0.2 s, 0.6 s ... 204.6 s, and from then on every 120 s: the first that is
    // 924.6 s or more after the first one.
    assertEquals(200 + 204_400 + 7 * 120_000, left(DEFAULTS, sent(200)));
    // 0.3 s, 0.9 s ... 76.5 s after doubling eight times, and then every 120 s.
    assertEquals(300 + 300 * 510 + 7 * 120_000, left(DEFAULTS, sent(300)));
  }

  @Test
  void whatHasPassedCounts() {
    long all = left(DEFAULTS, sent(200));
    for (int times = 1; times <= 9; times++) {
      long passed = (200L << times) - 200;
      assertEquals(all - passed, left(DEFAULTS, retransmitted(200, times)), times + " times");
    }
  }

  @Test
  void whatTheKernelDoesNotShow() {
    SocketNow socket = retransmitted(200, 3);
    socket.firstRetransmit = SnapshotView.NEVER;
    assertEquals(-1, left(DEFAULTS, socket));
    socket = sent(200);
    socket.longestTimeout = 0; // polled
    assertEquals(-1, left(DEFAULTS, socket));
  }

  @Test
  void theSettingCounts() {
    // The limit is 200 ms * (2^4 - 1) = 3 s; retransmits are 0.6 s, 1.8 s, 4.2 s after the first.
    assertEquals(300 + 4_200, left(new Patience(3, 0), sent(300)));
    assertEquals(-1, left(new Patience(-1, 0), sent(300)), "unknown");
  }

  @Test
  void theOptionOfTheSocketCounts() {
    SocketNow socket = sent(300);
    socket.userTimeout = 3_000;
    assertEquals(300 + 3_000, left(DEFAULTS, socket));
    assertEquals(300 + 3_000, left(new Patience(-1, -1), socket));
    socket = retransmitted(300, 2);
    socket.userTimeout = 500; // it has passed already: the end comes with the timer that is set
    assertEquals(1_200, left(DEFAULTS, socket));
  }

  @Test
  void withoutADescriptor() {
    SocketNow orphan = sent(200);
    orphan.flags = SnapshotView.ORPHAN;
    // As with 8 retries: the limit is 102.2 s, and 102.0 s is too early.
    assertEquals(200 + 204_400, left(DEFAULTS, orphan));
    assertEquals(300 + 4_200, left(new Patience(15, 3), withTimeout(orphan, 300)));
    assertEquals(-1, left(new Patience(15, -1), orphan));
    // Once the timeout is the longest, 0 retries are 0.
    orphan = retransmitted(30_000, 1);
    orphan.flags = SnapshotView.ORPHAN;
    assertEquals(60_000 + 120_000, left(new Patience(15, 0), orphan));
    orphan.timeout = orphan.longestTimeout;
    assertEquals(60_000, left(new Patience(15, 0), orphan));
    // An error from the network makes 0 of any number.
    orphan.firstRetransmit = 1_000;
    assertEquals(60_000 + 2 * 120_000, left(new Patience(15, 9), orphan));
    orphan.flags |= SnapshotView.SOFT_ERROR;
    assertEquals(60_000, left(new Patience(15, 9), orphan));
  }

  private static SocketNow withTimeout(SocketNow socket, int timeout) {
    socket.timeout = socket.nextTimeout = timeout;
    return socket;
  }

  @Test
  void theLongestTimeoutCounts() {
    SocketNow socket = sent(200);
    socket.longestTimeout = 1_000;
    // The limit is 0.2 s * 7 + 13 s; the timeouts are 0.4 s, 0.8 s, and then 1 s each.
    assertEquals(200 + 400 + 800 + 14_000, left(DEFAULTS, socket));
  }

  @Test
  void probesOfAClosedWindowGoOnForEver() {
    SocketNow socket = sent(200);
    socket.nextTimeout = SnapshotView.NEVER;
    assertEquals(-1, left(DEFAULTS, socket));
  }
}
