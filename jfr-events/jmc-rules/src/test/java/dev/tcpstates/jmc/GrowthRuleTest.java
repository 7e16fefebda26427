// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class GrowthRuleTest {
  private static final int OPENED = 5;
  private static final int SPREAD_MILLIS = 200;

  private static void connect(long socketId) {
    StateChange change = Events.change(socketId, "CLOSE", "SYN_SENT");
    change.timeInState = 0;
    change.commit();
    Events.change(socketId, "SYN_SENT", "ESTABLISHED").commit();
  }

  /** Connections that are opened one after the other, and what happens then. */
  private static Evaluation opened(long millisApart, Evaluation.Content then) throws Exception {
    return Evaluation.of(
        new GrowthRule(),
        () -> {
          Events.attached();
          for (int i = 1; i <= OPENED; i++) {
            Thread.sleep(i == 1 ? 0 : millisApart);
            connect(i);
          }
          then.commit();
          Events.attached();
        });
  }

  @Test
  void onlyOpened() throws Exception {
    Evaluation evaluation = opened(SPREAD_MILLIS, () -> {});
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(OPENED, evaluation.number(TcpRule.COUNT));
    assertEquals(Events.LINE + " opened 5 connections that have not ended.", evaluation.summary());
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L), evaluation.sockets());
  }

  @Test
  void aPoolThatWasFilledAtOnce() throws Exception {
    assertEquals(Severity.OK, opened(0, () -> Thread.sleep(500)).severity());
  }

  @Test
  void twoHaveEndedThatTheLastTwoMayReplace() throws Exception {
    Evaluation evaluation =
        opened(
            SPREAD_MILLIS,
            () -> {
              for (int i = 1; i <= 2; i++) {
                Events.change(i, "ESTABLISHED", "CLOSE").commit();
                Events.connection(i, "CONNECT").commit();
              }
            });
    assertEquals(Severity.OK, evaluation.severity());
  }
}
