// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class HandshakeRuleTest {
  private static final long MILLISECOND = 1_000_000;

  private final HandshakeRule rule = new HandshakeRule();

  private static void handshake(long socketId, String from, long took) {
    StateChange change = Events.change(socketId, from, "ESTABLISHED");
    change.timeInState = took;
    change.commit();
  }

  @Test
  void limits() throws Exception {
    assertEquals(Severity.OK, taking(200 * MILLISECOND - 1).severity());
    assertEquals(Severity.INFO, taking(200 * MILLISECOND).severity());
    assertEquals(Severity.INFO, taking(1000 * MILLISECOND - 1).severity());
    assertEquals(Severity.WARNING, taking(1000 * MILLISECOND).severity());
  }

  private Evaluation taking(long nanos) throws Exception {
    return Evaluation.of(rule, () -> handshake(1, "SYN_SENT", nanos));
  }

  @Test
  void namesLineAndOtherSide() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              handshake(1, "SYN_SENT", 1_003 * MILLISECOND);
              handshake(2, "SYN_SENT", 250 * MILLISECOND);
              handshake(3, "SYN_SENT", MILLISECOND);
              handshake(4, "SYN_RECV", 300 * MILLISECOND);
              // Not a handshake.
              StateChange end = Events.change(5, "ESTABLISHED", "CLOSE_WAIT");
              end.timeInState = 5_000 * MILLISECOND;
              end.commit();
              // The same connections again, and one that only this event has.
              connection(1, 1_003 * MILLISECOND).commit();
              connection(2, 250 * MILLISECOND).commit();
              connection(6, 400 * MILLISECOND).commit();
            });
    assertEquals(4, evaluation.number(TcpRule.COUNT));
    assertEquals(1_003, evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.MILLISECOND));
    assertEquals(
        List.of(
            Events.LINE + " to 192.0.2.7:443: 3 times, the longest took 1.003 s",
            Events.LINE + " from clients: 1 time, it took 300 ms"),
        evaluation.lines());
    assertEquals(
        "4 handshakes took 200 ms or longer; the longest, of " + Events.LINE + ", took 1.003 s.",
        evaluation.summary());
    assertEquals(List.of(1L, 2L, 4L, 6L), evaluation.sockets());
  }

  @Test
  void one() throws Exception {
    assertEquals(
        "1 handshake took 200 ms or longer: 300 ms, of " + Events.LINE + ".",
        taking(300 * MILLISECOND).summary());
  }

  private static Connection connection(long socketId, long handshakeTime) {
    Connection event = Events.connection(socketId, "CONNECT");
    event.handshakeTime = handshakeTime;
    return event;
  }
}
