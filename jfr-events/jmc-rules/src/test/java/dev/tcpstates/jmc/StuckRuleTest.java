// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.StuckSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class StuckRuleTest {
  private static final long SECOND = 1_000_000_000;

  private static void stuck(long socketId, String state, String cause) {
    StuckSocket event = new StuckSocket();
    event.socketId = socketId;
    event.address = Events.ADDRESS;
    event.port = Events.PORT;
    event.state = state;
    event.cause = cause;
    event.stuckFor = 40 * SECOND;
    event.timeInState = 60 * SECOND;
    event.givesUpIn = cause.equals("UNACKNOWLEDGED") ? socketId * 100 * SECOND : Long.MIN_VALUE;
    event.openedBy = Events.OPENED_BY;
    event.commit();
  }

  @Test
  void causesAndLines() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            new StuckRule(),
            () -> {
              Events.attached();
              stuck(1, "ESTABLISHED", "UNACKNOWLEDGED");
              stuck(2, "ESTABLISHED", "UNACKNOWLEDGED");
              stuck(3, "ESTABLISHED", "UNREAD");
              stuck(4, "CLOSE_WAIT", "NOT_CLOSED"); // the leak rule's
              Events.attached();
            });
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(3, evaluation.number(TcpRule.COUNT));
    assertTrue(
        evaluation
            .summary()
            .startsWith(
                "3 sockets are without progress, most of them UNACKNOWLEDGED with 192.0.2.7:443, "
                    + Events.LINE),
        evaluation.summary());
    String first = evaluation.lines().get(0);
    // Socket 1 is the first.
    assertTrue(first.endsWith("for at most 40 s, and the kernel gives up in 1 min 40 s"), first);
    String second = evaluation.lines().get(1);
    assertTrue(second.startsWith("UNREAD with"), second);
    assertTrue(second.endsWith("for at most 40 s"), second);
  }

  /** Each chunk reports a stuck socket again. */
  @Test
  void oneSocketOfSeveralChunks() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            new StuckRule(),
            () -> {
              stuck(1, "ESTABLISHED", "UNREAD");
              stuck(1, "ESTABLISHED", "UNREAD");
              Events.attached();
            });
    assertEquals(List.of(1L), evaluation.sockets());
    assertEquals(
        "1 socket is without progress: UNREAD with 192.0.2.7:443, " + Events.LINE + ".",
        evaluation.summary());
  }

  @Test
  void leaksAreAnotherRules() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            new StuckRule(),
            () -> {
              stuck(4, "CLOSE_WAIT", "NOT_CLOSED");
              Events.attached();
            });
    assertEquals(Severity.OK, evaluation.severity());
  }
}
