// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StuckSocket;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.item.Aggregators;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class LeakRuleTest {
  private static final long SECOND = 1_000_000_000;

  private final LeakRule rule = new LeakRule();

  @Test
  void oneOldSocketIsAnInformation() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.attached();
              Events.state(1, "CLOSE_WAIT", 31 * SECOND).commit();
              Events.state(2, "ESTABLISHED", 31 * SECOND).commit();
              Events.state(3, "CLOSE_WAIT", 2 * SECOND).commit();
              Events.attached();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(25, evaluation.score());
    assertEquals(1, evaluation.number(TcpRule.COUNT));
    assertEquals(31, evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.SECOND));
    assertEquals(
        "1 socket is left in CLOSE_WAIT, opened by app.Client.<init>:12.", evaluation.summary());
    assertTrue(evaluation.explanation().contains("for at least 10 s this program has not"));
    assertEquals(List.of(1L), evaluation.sockets());
  }

  @Test
  void belowTheLimitTheyAreCounted() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.attached();
              Events.state(1, "CLOSE_WAIT", 31 * SECOND).commit();
              Events.attached();
            },
            Map.of(LeakRule.INFO_LIMIT, UnitLookup.NUMBER_UNITY.quantity(2)));
    assertEquals(Severity.OK, evaluation.severity());
    assertEquals("1 socket is left in CLOSE_WAIT.", evaluation.summary());
  }

  @Test
  void aLibrarysSocketsHaveWhatStartedTheThreadAndItsName() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              for (int i = 1; i <= 2; i++) {
                SocketState event = Events.state(i, "CLOSE_WAIT", 31 * SECOND);
                event.openedBy =
                    "lib.Pool.add:5 < lib.Pool.run:9 < thread started by app.Orders.<init>:11";
                event.openThread = "pool-1-thread-" + i;
                event.commit();
              }
              Events.attached();
            });
    assertEquals(
        "lib.Pool.add:5 < thread started by app.Orders.<init>:11, in \"pool-1-thread-*\"",
        evaluation.line());
    assertEquals(1, evaluation.lines().size(), evaluation.lines()::toString);
  }

  @Test
  void threeAreAWarningThatNamesTheirLines() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.state(1, "CLOSE_WAIT", 31 * SECOND).commit();
              Events.state(2, "CLOSE_WAIT", 12 * SECOND).commit();
              SocketState other = Events.state(3, "CLOSE_WAIT", 11 * SECOND);
              other.openedBy = "app.Other.open:7";
              other.commit();
              Events.attached();
            });
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(3, evaluation.number(TcpRule.COUNT));
    assertEquals(Events.LINE, evaluation.line());
    assertEquals(
        "3 sockets are left in CLOSE_WAIT, most of them opened by app.Client.<init>:12.",
        evaluation.summary());
    List<String> lines = evaluation.lines();
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).startsWith(Events.LINE + ": 2 sockets, the oldest for 31"), lines.get(0));
    assertTrue(lines.get(1).startsWith("app.Other.open:7: 1 socket, the oldest for 11"));
    // JMC shows the text as HTML.
    assertTrue(
        evaluation.html().contains("<li>app.Client.&lt;init&gt;:12: 2 sockets"), evaluation.html());
  }

  @Test
  void aTransitionIntoCloseWaitCountsFromItsEnd() throws Exception {
    IItemCollection items =
        Evaluation.record(
            new Recording(),
            () -> {
              // It was established for longer, which is no leak.
              StateChange change = Events.change(1, "ESTABLISHED", "CLOSE_WAIT");
              change.timeInState = 100 * SECOND;
              change.begin();
              Thread.sleep(20);
              change.commit();
              Events.attached();
            });
    assertEquals(Severity.OK, Evaluation.of(rule, items, Map.of()).severity());
    Evaluation evaluation =
        Evaluation.of(rule, items, Map.of(LeakRule.AGE, UnitLookup.NANOSECOND.quantity(1)));
    assertEquals(1, evaluation.number(TcpRule.COUNT));
    IQuantity waited = end(items, Tcp.AGENT_STATE).subtract(end(items, Tcp.STATE_CHANGE));
    // Time since 1970 goes through a double in JMC, whose steps are 256 ns.
    assertEquals(
        waited.doubleValueIn(UnitLookup.NANOSECOND),
        evaluation.quantity(TcpRule.LONGEST).doubleValueIn(UnitLookup.NANOSECOND),
        512);
  }

  private static IQuantity end(IItemCollection items, String type) {
    return items
        .apply(ItemFilters.type(type))
        .getAggregate(Aggregators.max(JfrAttributes.END_TIME));
  }

  @Test
  void theEventOfTheStuckSocketWillDo() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              StuckSocket stuck = new StuckSocket();
              stuck.socketId = 1;
              stuck.state = "CLOSE_WAIT";
              stuck.timeInState = 60 * SECOND;
              stuck.openedBy = Events.OPENED_BY;
              stuck.commit();
              stuck = new StuckSocket();
              stuck.socketId = 2;
              stuck.state = "SYN_SENT";
              stuck.timeInState = 60 * SECOND;
              stuck.commit();
              Events.attached();
            });
    assertEquals(1, evaluation.number(TcpRule.COUNT));
    assertEquals(Events.LINE, evaluation.line());
  }

  @Test
  void whatWasClosedIsNoLeakButMayHaveBeenLate() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.state(1, "CLOSE_WAIT", 31 * SECOND).commit();
              StateChange late = Events.change(1, "CLOSE_WAIT", "LAST_ACK");
              late.timeInState = 40 * SECOND;
              late.commit();
              Events.state(2, "CLOSE_WAIT", 31 * SECOND).commit();
              Connection ended = Events.connection(2, "CONNECT");
              ended.timeCloseWait = 33 * SECOND;
              ended.commit();
              StateChange soon = Events.change(3, "CLOSE_WAIT", "LAST_ACK");
              soon.timeInState = SECOND;
              soon.commit();
              Events.attached();
            });
    assertEquals(Severity.OK, evaluation.severity());
    assertEquals(0, evaluation.number(TcpRule.COUNT));
    assertEquals(2, evaluation.number(LeakRule.CLOSED_LATE));
    assertTrue(
        evaluation
            .summary()
            .contains("2 sockets were closed only after 10 s or longer in CLOSE_WAIT"),
        evaluation.summary());
  }

  @Test
  void aLineWithHalfOfThemHasNotMost() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              for (int i = 1; i <= 4; i++) {
                SocketState event = Events.state(i, "CLOSE_WAIT", 31 * SECOND);
                event.openedBy = i <= 2 ? Events.OPENED_BY : "app.Other.open:" + i;
                event.commit();
              }
              Events.attached();
            });
    assertEquals(
        "4 sockets are left in CLOSE_WAIT, 2 of them opened by app.Client.<init>:12.",
        evaluation.summary());
  }

  @Test
  void aSocketWithSeveralEventsIsInTheResultOnce() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.change(1, "SYN_SENT", "ESTABLISHED").commit();
              Events.change(1, "ESTABLISHED", "CLOSE_WAIT").commit();
              for (int chunk = 0; chunk < 2; chunk++) {
                Events.state(1, "CLOSE_WAIT", 31 * SECOND).commit();
                Events.state(2, "CLOSE_WAIT", 31 * SECOND).commit();
                StuckSocket stuck = new StuckSocket();
                stuck.socketId = 2;
                stuck.state = "CLOSE_WAIT";
                stuck.cause = "NOT_CLOSED";
                stuck.timeInState = 31 * SECOND;
                stuck.commit();
              }
              Events.attached();
            },
            Map.of(LeakRule.AGE, UnitLookup.NANOSECOND.quantity(1)));
    assertEquals(2, evaluation.number(TcpRule.COUNT));
    assertEquals(List.of(1L, 2L), evaluation.sockets());
  }
}
