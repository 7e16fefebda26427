// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RateTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void growthInASecond() {
    Rate rate = new Rate(-SECOND);
    assertEquals(100, rate.perSecond(200, SECOND));
    // A chunk's begin comes right after the other's end.
    assertEquals(100, rate.perSecond(201, SECOND + 5));
    assertEquals(50, rate.perSecond(300, 3 * SECOND));
    assertEquals(0, rate.perSecond(300, 60 * SECOND));
    assertEquals(Integer.MAX_VALUE, rate.perSecond(Long.MAX_VALUE, 61 * SECOND));
  }
}
