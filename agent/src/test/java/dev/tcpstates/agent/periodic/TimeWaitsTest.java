// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimeWaitsTest {
  private static final int ESTABLISHED = 1;
  private static final int FIN_WAIT2 = 5;
  private static final int LAST_ACK = 9;
  private static final int CLOSING = 11;

  private final TimeWaits timeWaits = new TimeWaits(0, socketId -> socketId == 77);

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void onlySomeEndsLeaveOne() {
    timeWaits.ended(1, FIN_WAIT2, 0);
    timeWaits.ended(2, CLOSING, 0);
    timeWaits.ended(3, LAST_ACK, 0);
    timeWaits.ended(4, ESTABLISHED, 0);
    assertTrue(timeWaits.isOwn(1));
    assertTrue(timeWaits.isOwn(2));
    assertFalse(timeWaits.isOwn(3));
    assertFalse(timeWaits.isOwn(4));
    assertFalse(timeWaits.isOwn(5));
    assertEquals(2, timeWaits.size());
  }

  /** Whether anybody looks or not: a minute of FIN_WAIT2 and another of TIME_WAIT. */
  @Test
  void whatNobodyLooksAtIsKnownForTwoMinutesAndNotForLong() {
    timeWaits.ended(1, FIN_WAIT2, seconds(100));
    timeWaits.forget(seconds(131));
    timeWaits.forget(seconds(220));
    assertTrue(timeWaits.isOwn(1));

    timeWaits.ended(2, FIN_WAIT2, seconds(230));
    timeWaits.forget(seconds(300));
    timeWaits.forget(seconds(450));
    timeWaits.forget(seconds(600));
    timeWaits.forget(seconds(750));
    assertFalse(timeWaits.isOwn(1));
    assertFalse(timeWaits.isOwn(2));
    assertEquals(0, timeWaits.size());
  }

  @Test
  void soIsWhatEndedWithoutAWord() {
    assertTrue(timeWaits.isOwn(77), "it is still taken for open");
    assertFalse(timeWaits.isOwn(78));
    timeWaits.gone(78);
    assertTrue(timeWaits.isOwn(78));
  }

  /** The kernel prolongs TIME_WAIT as long as segments come in. */
  @Test
  void whatIsSeenIsKept() {
    timeWaits.ended(1, FIN_WAIT2, 0);
    for (int i = 1; i < 100; i++) {
      timeWaits.forget(seconds(10 * i));
      assertTrue(timeWaits.isOwn(1), i + " times 10 s");
    }
    assertTrue(timeWaits.size() <= 2);
  }

  @Test
  void aStormIsForgottenSooner() {
    for (long i = 1; i <= 2_000_000; i++) {
      timeWaits.ended(i, FIN_WAIT2, i);
    }
    assertTrue(timeWaits.size() <= 2 << 18, "kept: " + timeWaits.size());
    assertTrue(timeWaits.isOwn(2_000_000 - (1 << 18)));
  }

  @Test
  void neitherDoesAStormOfFarCookiesTakeMuch() {
    for (long i = 1; i <= 200_000; i++) {
      timeWaits.ended(i * 64, FIN_WAIT2, i);
    }
    assertTrue(timeWaits.size() <= 2 << 17, "kept: " + timeWaits.size());
    assertFalse(timeWaits.isOwn(63));
    assertTrue(timeWaits.isOwn(200_000 * 64));
  }
}
