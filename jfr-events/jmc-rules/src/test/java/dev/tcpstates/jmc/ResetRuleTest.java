// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Reset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class ResetRuleTest {
  private final ResetRule rule = new ResetRule();

  private static Connection reset(long socketId, String kind, String end) {
    Connection event = Events.connection(socketId, kind);
    event.end = end;
    return event;
  }

  @Test
  void saysWhoReset() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              reset(1, "CONNECT", "RESET_BY_REMOTE").commit();
              reset(2, "CONNECT", "RESET_BY_REMOTE").commit();
              Connection unread = reset(3, "ACCEPT", "RESET_BY_LOCAL");
              unread.bytesUnread = 5;
              unread.commit();
              Reset sent = new Reset();
              sent.socketId = 3;
              sent.direction = "SENT";
              sent.reason = "TCP_ABORT_ON_CLOSE";
              sent.commit();
              Reset received = new Reset();
              received.socketId = 3;
              received.direction = "RECEIVED";
              received.reason = "of no interest";
              received.commit();
              Connection lateData = reset(4, "CONNECT", "RESET_BY_REMOTE");
              lateData.bytesUnread = 5;
              lateData.commit();
              Events.connection(5, "CONNECT").commit();
              Connection refused = reset(6, "CONNECT", "RESET_BY_REMOTE");
              refused.established = false;
              refused.commit();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(4, evaluation.number(TcpRule.COUNT));
    assertEquals(1, evaluation.number(ResetRule.UNREAD));
    assertEquals("4 connections of " + Events.LINE + " were reset.", evaluation.summary());
    // Not 6, which was never established.
    assertEquals(List.of(1L, 2L, 3L, 4L), evaluation.sockets());
    assertEquals(
        List.of(
            Events.LINE + " to 192.0.2.7:443 (reset by the remote side): 3 connections",
            Events.LINE
                + " on 192.0.2.1:8080 (reset by this side: TCP_ABORT_ON_CLOSE): 1 connection"),
        evaluation.lines());
    assertTrue(
        evaluation.explanation().contains("unread data (1 of these)"), evaluation.explanation());
  }

  @Test
  void twentyOfOneLineAreAWarning() throws Exception {
    assertEquals(Severity.INFO, resetting(19).severity());
    assertEquals(Severity.WARNING, resetting(20).severity());
    assertEquals("No connection was reset.", resetting(0).summary());
    assertEquals("1 connection of " + Events.LINE + " was reset.", resetting(1).summary());
  }

  private Evaluation resetting(int times) throws Exception {
    return Evaluation.of(
        rule,
        () -> {
          Events.connection(100, "CONNECT").commit();
          for (int i = 0; i < times; i++) {
            reset(i, "CONNECT", "RESET_BY_REMOTE").commit();
          }
        });
  }
}
