// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cookies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.opener.OpenSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SocketMapTest {
  private final SocketMap<OpenSocket> map = new SocketMap<>();

  private static OpenSocket socket(long cookie) {
    return new OpenSocket(cookie, null, "main", 1, 0, 5);
  }

  /** Against the JDK's, with cookies in rows as the kernel gives them, and others. */
  @Test
  void isAMap() {
    Random random = new Random(1);
    Map<Long, OpenSocket> expected = new HashMap<>();
    for (int i = 0; i < 300_000; i++) {
      // Now more come than go, now more go than come.
      boolean grows = i / 10_000 % 2 == 0;
      long cookie = 1 + (i % 3 == 0 ? random.nextInt(4_000) * 4096L : random.nextInt(6_000));
      int what = random.nextInt(8);
      if (what < (grows ? 4 : 1)) {
        OpenSocket socket = socket(cookie);
        assertSame(expected.put(cookie, socket), map.put(socket));
      } else if (what < 7) {
        assertSame(expected.remove(cookie), map.remove(cookie));
      } else {
        assertSame(expected.get(cookie), map.get(cookie));
      }
      assertEquals(expected.size(), map.size());
    }
    assertTrue(expected.size() > 100);
    Map<Long, OpenSocket> all = new HashMap<>();
    map.forEach(socket -> assertNull(all.put(socket.socketId(), socket)));
    assertEquals(expected, all);
  }
}
