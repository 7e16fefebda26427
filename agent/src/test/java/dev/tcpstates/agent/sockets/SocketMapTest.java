// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SocketMapTest {
  private final SocketMap map = new SocketMap();

  private static OpenSocket socket(long number) {
    return new OpenSocket(null, "main", 1, number, 5);
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
        OpenSocket socket = socket(i);
        assertSame(expected.put(cookie, socket), map.put(cookie, socket));
      } else if (what < (grows ? 5 : 2)) {
        OpenSocket socket = socket(i);
        assertSame(expected.putIfAbsent(cookie, socket), map.putIfAbsent(cookie, socket));
      } else if (what < 7) {
        assertSame(expected.remove(cookie), map.remove(cookie));
      } else {
        assertSame(expected.get(cookie), map.get(cookie));
      }
      assertEquals(expected.size(), map.size());
    }
    assertTrue(expected.size() > 100);
    Map<Long, OpenSocket> all = new HashMap<>();
    map.forEach((socket, cookie) -> assertNull(all.put(cookie, socket)));
    assertEquals(expected, all);
  }

  @Test
  void manyThreads() throws Exception {
    int threads = 4;
    int each = 50_000;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      long first = 1 + t;
      done.add(
          executor.submit(
              () -> {
                for (long i = 0; i < each; i++) {
                  long cookie = first + i * threads;
                  OpenSocket socket = socket(cookie);
                  assertNull(map.put(cookie, socket));
                  assertSame(socket, map.get(cookie));
                  // Every tenth stays.
                  if (i % 10 != 0) {
                    assertSame(socket, map.remove(cookie));
                  }
                }
              }));
    }
    for (Future<?> one : done) {
      one.get();
    }
    executor.shutdown();
    assertEquals(threads * each / 10, map.size());
    for (long cookie = 1; cookie <= threads; cookie++) {
      assertEquals(cookie, map.get(cookie).openedAt());
    }
  }
}
