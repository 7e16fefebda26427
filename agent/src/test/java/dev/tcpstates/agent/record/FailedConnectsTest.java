// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.opener.FailedConnect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The numbers are Linux's (asm-generic/errno.h), the texts the C library's in English. */
class FailedConnectsTest {
  private static final int ENETUNREACH = 101;
  private static final int EACCES = 13;

  private final FailedConnects connects = new FailedConnects((event, nanos, wanted) -> {});

  private static FailedConnect failed(long socketId, String message, long time) {
    return new FailedConnect(socketId, 0, message, 0, 0, 443, time);
  }

  /** The connects that had no transition, with their errors. */
  private Map<FailedConnect, Integer> read(List<FailedConnect> failed, long since, long now) {
    Map<FailedConnect, Integer> without = new LinkedHashMap<>();
    connects.read(failed, since, now, without::put);
    return without;
  }

  @Test
  void withoutATransition() {
    FailedConnect one = failed(1, "Network is unreachable", 10);
    FailedConnect other = failed(2, "Permission denied", 11);
    assertEquals(Map.of(one, ENETUNREACH, other, EACCES), read(List.of(one, other), 20, 30));
    assertEquals(Map.of(), read(List.of(), 40, 50));
  }

  /** Its record may still be in the ring. */
  @Test
  void failedWhileTheRecordsWereRead() {
    FailedConnect late = failed(1, "Network is unreachable", 25);
    assertEquals(Map.of(), read(List.of(late), 20, 30));
    assertEquals(Map.of(late, ENETUNREACH), read(List.of(), 40, 50));
  }

  @Test
  void theKernelHasReportedItsEnd() {
    connects.ended(1, 5);
    assertEquals(Map.of(), read(List.of(failed(1, "Connection refused", 10)), 20, 30));
    long later = TimeUnit.MINUTES.toNanos(1);
    read(List.of(), later, later);
    FailedConnect again = failed(1, "Network is unreachable", later + 1);
    assertEquals(Map.of(again, ENETUNREACH), read(List.of(again), later + 2, later + 3));
  }

  @Test
  void aTextOfNoError() {
    FailedConnect odd = failed(1, "no text of the C library", 10);
    assertEquals(Map.of(odd, 0), read(List.of(odd), 20, 30));
  }
}
