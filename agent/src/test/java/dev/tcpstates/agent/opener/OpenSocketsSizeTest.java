// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketListener;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the registry takes of the heap, by itself: more sockets than a test may have descriptors.
 */
class OpenSocketsSizeTest {
  private static final int SOCKETS = 50_000;
  private static final long MOST_BYTES_PER_SOCKET = 200;

  private final OpenSockets sockets =
      new OpenSockets(64, new StackRule(List.of(), List.of()), fd -> fd, (id, site, fd) -> null);

  @Test
  void aSocketTakesLittleAndGivesItBack() throws Exception {
    String name = Thread.currentThread().getName();
    open(1);
    long before = heap();
    for (int i = 2; i <= SOCKETS; i++) {
      open(i);
    }
    Thread.currentThread().setName(name);
    sockets.update();
    assertEquals(SOCKETS, sockets.size());
    long perSocket = (heap() - before) / SOCKETS;
    assertTrue(perSocket <= MOST_BYTES_PER_SOCKET, perSocket + " bytes");
    assertTrue(perSocket > 10, perSocket + " bytes can't be");

    for (int i = 2; i <= SOCKETS; i++) {
      sockets.ended(i);
    }
    assertEquals(1, sockets.size());
    long kept = heap() - before;
    assertTrue(kept <= SOCKETS, kept + " bytes");
  }

  /** As from a thread whose name nobody else keeps. */
  private void open(int id) {
    Thread.currentThread().setName("connection " + id);
    sockets.opened(id, SocketListener.CONNECT);
  }

  private static long heap() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
