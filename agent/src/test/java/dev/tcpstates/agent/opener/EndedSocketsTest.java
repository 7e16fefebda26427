// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class EndedSocketsTest {
  private static final long KEPT = 50;

  private final EndedSockets sockets = new EndedSockets(KEPT, 1_000);

  private static OpenSocket socket(long id) {
    return new OpenSocket(id, null, "main", 1, 0, 3);
  }

  @Test
  void isKeptForTheTimeAndOneReading() {
    OpenSocket first = socket(1);
    sockets.add(first);
    sockets.forget(1_000 + KEPT);
    assertSame(first, sockets.get(1));
    sockets.forget(1_000 + KEPT + 1); // from now on, the time counts
    assertSame(first, sockets.get(1));
    sockets.forget(1_000 + KEPT + 2);
    assertSame(first, sockets.get(1));
    sockets.forget(1_000 + 2 * (KEPT + 1));
    assertNull(sockets.get(1));
  }

  @Test
  void whatEndedLaterIsKeptLonger() {
    sockets.add(socket(1));
    sockets.forget(2_000);
    OpenSocket second = socket(2);
    sockets.add(second);
    sockets.forget(3_000);
    assertNull(sockets.get(1));
    assertSame(second, sockets.get(2));
    sockets.forget(4_000);
    assertNull(sockets.get(2));
  }

  /** After a long silence, the first to end is not forgotten before its records are read. */
  @Test
  void aReadingAfterALongTimeForgetsNothing() {
    sockets.forget(1_000_000);
    OpenSocket first = socket(1);
    sockets.add(first);
    sockets.forget(1_000_001);
    assertSame(first, sockets.get(1));
  }

  @Test
  void onlySoManyAreKept() {
    for (int id = 1; id <= (1 << 16) + 1; id++) {
      sockets.add(socket(id));
    }
    assertNotNull(sockets.get(1 << 16));
    assertNull(sockets.get((1L << 16) + 1));
  }
}
