// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CookieSetTest {
  @Test
  void isASet() {
    Random random = new Random(1);
    CookieSet cookies = new CookieSet();
    Set<Long> expected = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      // Numbers in a row, as the kernel gives them, and any others.
      long cookie = i % 2 == 0 ? 1 + random.nextInt(15_000) : random.nextLong();
      assertEquals(expected.contains(cookie), cookies.contains(cookie));
      cookies.add(cookie);
      expected.add(cookie);
      assertTrue(cookies.contains(cookie));
    }
    assertEquals(expected.size(), cookies.size());
    for (long cookie = 0; cookie <= 20_000; cookie++) {
      assertEquals(expected.contains(cookie), cookies.contains(cookie));
    }
  }

  @Test
  void neighboursShareARow() {
    CookieSet cookies = new CookieSet();
    for (long cookie = 4096; cookie < 8192; cookie += 2) {
      cookies.add(cookie);
    }
    assertEquals(2048, cookies.size());
    assertEquals(64, cookies.rows());
  }

  @Test
  void theFirstAndTheLastToo() {
    CookieSet cookies = new CookieSet();
    for (long cookie : new long[] {1, -1, Long.MIN_VALUE}) {
      assertFalse(cookies.contains(cookie));
      cookies.add(cookie);
      assertTrue(cookies.contains(cookie));
    }
    assertEquals(3, cookies.size());
  }
}
