// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class FailedConnectRuleTest {
  private final FailedConnectRule rule = new FailedConnectRule();

  private static Connection failed(long socketId, String end, String reason) {
    Connection event = Events.connection(socketId, "CONNECT");
    event.established = false;
    event.end = end;
    event.reason = reason;
    return event;
  }

  private static void refused(long socketId) {
    StateChange change = Events.change(socketId, "SYN_SENT", "CLOSE");
    change.reason = "ECONNREFUSED";
    change.timeInState = 50_000;
    change.commit();
    failed(socketId, "REFUSED", "ECONNREFUSED").commit();
  }

  @Test
  void aFailureWithTwoEventsCountsOnce() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              refused(1);
              refused(2);
              failed(3, "ABANDONED", null).commit();
              // These did not fail, or this side did not open them.
              Events.connection(4, "CONNECT").commit();
              Connection accepted = Events.connection(5, "ACCEPT");
              accepted.established = false;
              accepted.commit();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(3, evaluation.number(TcpRule.COUNT));
    assertEquals(Events.LINE, evaluation.line());
    List<String> lines = evaluation.lines();
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).startsWith(Events.LINE + " to 192.0.2.7:443 (ECONNREFUSED): 2 times, the"));
    assertTrue(lines.get(1).startsWith(Events.LINE + " to 192.0.2.7:443 (ABANDONED): 1 time, it"));
    assertTrue(evaluation.summary().startsWith("3 connects of " + Events.LINE + " failed; the "));
    assertEquals(List.of(1L, 2L, 3L), evaluation.sockets());
  }

  @Test
  void tenOfOneLineToOneDestinationAreAWarning() throws Exception {
    assertEquals(Severity.INFO, failing(9).severity());
    assertEquals(Severity.WARNING, failing(10).severity());
  }

  private Evaluation failing(int times) throws Exception {
    return Evaluation.of(
        rule,
        () -> {
          for (int i = 1; i <= times; i++) {
            refused(i);
          }
          Connection elsewhere = failed(100, "REFUSED", "ECONNREFUSED");
          elsewhere.port = 80;
          elsewhere.commit();
        });
  }

  @Test
  void withoutConnectionEventsTheTransitionsDo() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              StateChange timedOut = Events.change(1, "SYN_SENT", "CLOSE");
              timedOut.address = "2001:db8::7";
              timedOut.reason = "ETIMEDOUT";
              timedOut.timeInState = 130_000_000_000L;
              timedOut.commit();
              Events.change(2, "SYN_SENT", "CLOSE").commit();
              Events.change(3, "SYN_SENT", "ESTABLISHED").commit();
              Events.change(4, "ESTABLISHED", "CLOSE").commit();
            });
    assertEquals(List.of(1L, 2L), evaluation.sockets());
    // By how long it took.
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(2, evaluation.number(TcpRule.COUNT));
    assertEquals(130, evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.SECOND));
    assertEquals(
        130, evaluation.quantity(FailedConnectRule.TIME_LOST).longValueIn(UnitLookup.SECOND));
    assertTrue(
        evaluation.explanation().contains(" to [2001:db8::7]:443 (ETIMEDOUT)"),
        evaluation.explanation());
    assertTrue(evaluation.explanation().contains("(ABANDONED)"), evaluation.explanation());
  }

  @Test
  void timeIsThatOfTheConnectionEvent() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Connection slow = failed(1, "TIMEOUT", "ETIMEDOUT");
              slow.begin();
              Thread.sleep(20);
              slow.commit();
            },
            Map.of(
                FailedConnectRule.INFO_LIMIT, UnitLookup.NUMBER_UNITY.quantity(100),
                FailedConnectRule.WARNING_LIMIT, UnitLookup.NUMBER_UNITY.quantity(200),
                FailedConnectRule.TIME_INFO_LIMIT, UnitLookup.MILLISECOND.quantity(1),
                FailedConnectRule.TIME_WARNING_LIMIT, UnitLookup.MILLISECOND.quantity(19)));
    assertEquals(Severity.WARNING, evaluation.severity());
  }

  @Test
  void oneIsToldInTheSingularAndMostOnlyIfItIsMost() throws Exception {
    assertTrue(
        Evaluation.of(rule, () -> refused(1))
            .summary()
            .startsWith("1 connect of " + Events.LINE + " failed, after "));
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              for (int i = 1; i <= 5; i++) {
                Connection event = failed(i, "REFUSED", "ECONNREFUSED");
                event.openedBy = i <= 2 ? Events.OPENED_BY : "app.Other.ask:" + i;
                event.commit();
              }
            });
    assertTrue(
        evaluation.summary().startsWith("5 connects failed, 2 of them of " + Events.LINE + "; the"),
        evaluation.summary());
  }

  @Test
  void allIsWellWhereNoneFailed() throws Exception {
    Evaluation evaluation = Evaluation.of(rule, () -> Events.connection(1, "CONNECT").commit());
    assertEquals(Severity.OK, evaluation.severity());
    assertEquals("No connect failed.", evaluation.summary());
    assertEquals(0, evaluation.number(TcpRule.COUNT));
  }
}
