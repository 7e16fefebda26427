// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.event.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class ChurnRuleTest {
  private static final long MILLISECOND = 1_000_000;

  private final ChurnRule rule = new ChurnRule();

  private static void connections(int count, long used) {
    for (int i = 0; i < count; i++) {
      Connection event = Events.connection(i, "CONNECT");
      event.timeEstablished = used;
      event.commit();
    }
  }

  @Test
  void thirtyShortOnesInAMinuteAreAnInformationAndThreeHundredAWarning() throws Exception {
    assertEquals(Severity.OK, Evaluation.of(rule, () -> connections(29, 0)).severity());
    assertEquals(Severity.INFO, Evaluation.of(rule, () -> connections(30, 0)).severity());
    assertEquals(Severity.INFO, Evaluation.of(rule, () -> connections(299, 0)).severity());
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              connections(300, 99 * MILLISECOND);
              // Too few to be named.
              Connection other = Events.connection(1000, "CONNECT");
              other.openedBy = "app.Other.ask:1";
              other.commit();
            });
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(300, evaluation.number(ChurnRule.PER_MINUTE));
    assertEquals(
        List.of(Events.LINE + ": 300 of 300 connections short, 300 in one minute"),
        evaluation.lines());
    assertEquals(
        Events.LINE + " opened 300 connections in one minute and used each for less than 100 ms.",
        evaluation.summary());
  }

  @Test
  void aLineThatMostlyUsesItsConnectionsForLongIsLeftAlone() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              connections(40, 0);
              connections(41, 100 * MILLISECOND);
            });
    assertEquals(Severity.OK, evaluation.severity());
    evaluation =
        Evaluation.of(
            rule,
            () -> {
              connections(40, 0);
              connections(40, 100 * MILLISECOND);
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(40, evaluation.number(TcpRule.COUNT));
  }

  @Test
  void theResultHasTheShortOnesOfTheLine() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.connection(1, "CONNECT").commit();
              Connection refused = Events.connection(2, "CONNECT");
              refused.established = false;
              refused.timeEstablished = Long.MIN_VALUE;
              refused.commit();
            });
    assertEquals(List.of(1L), evaluation.sockets());
    evaluation =
        Evaluation.of(
            rule,
            () -> Events.connection(1, "CONNECT").commit(),
            Map.of(ChurnRule.INFO_LIMIT, UnitLookup.NUMBER_UNITY.quantity(1)));
    assertEquals(
        Events.LINE + " opened 1 connection in one minute and used it for less than 100 ms.",
        evaluation.summary());
  }

  @Test
  void onlyEstablishedConnectionsThatThisSideOpenedCount() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              for (int i = 0; i < 40; i++) {
                Events.connection(i, "ACCEPT").commit();
                Connection refused = Events.connection(100 + i, "CONNECT");
                refused.established = false;
                refused.commit();
              }
            });
    assertEquals(Severity.OK, evaluation.severity());
    assertEquals(0, evaluation.number(ChurnRule.PER_MINUTE));
  }

  @Test
  void theBusiestMinuteMayBeginAnywhere() {
    long second = TimeUnit.SECONDS.toNanos(1);
    // One each second for two minutes, and ten at once at second 90.
    List<Long> times =
        LongStream.concat(
                LongStream.range(0, 120).map(i -> i * second),
                LongStream.range(0, 10).map(i -> 90 * second))
            .boxed()
            .toList();
    assertEquals(70, ChurnRule.mostInOneMinute(times));
    // Exactly one minute apart is not within a minute.
    assertEquals(1, ChurnRule.mostInOneMinute(List.of(0L, 60 * second)));
    assertEquals(2, ChurnRule.mostInOneMinute(List.of(1L, 60 * second)));
  }
}
