// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifelinesTest {
  private static String text(Lifeline line) {
    StringBuilder text = new StringBuilder();
    line.stays()
        .forEach(
            stay ->
                text.append(stay.from().toMillis()).append(' ').append(stay.state()).append(' '));
    return text.append(java.time.Duration.between(line.start(), line.end()).toMillis()).toString();
  }

  private static void ends(Tape tape, long socket, long time, ConnectionEnd end) {
    tape.moves(socket, 1, 0, time, "SYN_SENT", time + 1, "ESTABLISHED", time + 5, "CLOSE");
    Tape.Ended ended = new Tape.Ended();
    ended.end = end;
    tape.connection(socket, 1, time, time + 5, ended);
  }

  @Test
  void eachStateWithTheTimeOfItsStart() {
    Lifelines lifelines = new Lifelines(10);
    Tape tape = new Tape(lifelines, 1_000);
    tape.agent(true, null);
    ends(tape, 1, 100, ConnectionEnd.FIN);
    tape.moves(2, 1, 0, 50, "SYN_SENT", 60, "ESTABLISHED", 70, "CLOSE_WAIT");
    List<Lifeline> lines = lifelines.result();
    assertEquals(2, lines.size());
    assertEquals(Tape.at(50), lines.get(0).start());
    assertTrue(lines.get(0).isOpen());
    assertEquals("0 SYN_SENT 10 ESTABLISHED 20 CLOSE_WAIT 950", text(lines.get(0)));
    assertFalse(lines.get(1).isOpen());
    assertEquals("0 SYN_SENT 1 ESTABLISHED 5", text(lines.get(1)));
  }

  @Test
  void theFirstTransitionShowsTheStateBefore() {
    Lifelines lifelines = new Lifelines(10);
    Tape tape = new Tape(lifelines, 1_000);
    tape.agent(true, null);
    tape.transition(3, 1, 0, 20, 500, "ESTABLISHED", "CLOSE_WAIT", "site 1");
    assertEquals("0 ESTABLISHED 480 CLOSE_WAIT 980", text(lifelines.result().get(0)));
  }

  @Test
  void whatDidNotEndWellComesFirst() {
    Lifelines lifelines = new Lifelines(3);
    Tape tape = new Tape(lifelines, 1_000);
    tape.agent(true, null);
    for (int i = 1; i <= 5; i++) {
      ends(tape, i, 10 * i, ConnectionEnd.FIN);
    }
    ends(tape, 6, 600, ConnectionEnd.RESET_BY_REMOTE);
    tape.moves(7, 1, 0, 700, "SYN_SENT");
    assertEquals(
        List.of(1L, 6L, 7L),
        lifelines.result().stream().map(line -> line.life().socketId()).toList());
    assertEquals(4, lifelines.omitted());
  }
}
