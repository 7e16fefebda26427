// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CookieTableTest {
  @Test
  void isAMap() {
    Random random = new Random(1);
    CookieTable table = new CookieTable(2);
    Map<Long, long[]> expected = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      // Numbers in a row, as the kernel gives them, and any others.
      long cookie = i % 2 == 0 ? 1 + random.nextInt(5_000) : random.nextLong() | 1;
      int at = table.add(cookie);
      long[] values = expected.computeIfAbsent(cookie, k -> new long[2]);
      assertEquals(values[0], table.value(at, 0));
      assertEquals(values[1], table.value(at, 1));
      values[0] = random.nextLong();
      values[1] = i;
      table.set(at, 0, values[0]);
      table.set(at, 1, values[1]);
    }
    assertEquals(expected.size(), table.size());
    expected.forEach(
        (cookie, values) -> {
          int at = table.find(cookie);
          assertEquals(values[0], table.value(at, 0));
          assertEquals(values[1], table.value(at, 1));
        });
    assertEquals(-1, table.find(6_000));
  }

  @Test
  void withoutValuesItIsASet() {
    CookieTable table = new CookieTable(0);
    assertEquals(-1, table.find(7));
    table.add(7);
    table.add(7);
    table.add(-8);
    assertEquals(2, table.size());
    assertEquals(table.add(7), table.find(7));
    assertEquals(-1, table.find(8));
  }
}
