// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Retransmit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class RetransmitRuleTest {
  private final RetransmitRule rule = new RetransmitRule();

  private static void sent(long socketId, int port, int segments, int again) {
    Connection event = Events.connection(socketId, "CONNECT");
    event.port = port;
    event.segmentsSent = segments;
    event.retransmits = again;
    event.commit();
  }

  @Test
  void theShareToOneDestinationCounts() throws Exception {
    assertEquals(Severity.OK, share(99).severity());
    assertEquals(Severity.INFO, share(100).severity());
    assertEquals(Severity.INFO, share(499).severity());
    Evaluation evaluation = share(500);
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(List.of(2L, 3L), evaluation.sockets());
    assertEquals(5, evaluation.quantity(RetransmitRule.WORST).longValueIn(UnitLookup.PERCENT));
    assertEquals(List.of(Events.LINE + " to 192.0.2.7:443: 500 of 10000, 5 %"), evaluation.lines());
    assertEquals(
        "5 % of the segments that " + Events.LINE + " to 192.0.2.7:443 sent were retransmits.",
        evaluation.summary());
  }

  private Evaluation share(int again) throws Exception {
    return Evaluation.of(
        rule,
        () -> {
          sent(1, 443, 4_000, 0);
          sent(2, 443, 6_000, again);
          // Does not thin the other's share, and has too few to have one.
          sent(3, 80, 100_000, 9);
        });
  }

  @Test
  void fewRetransmitsSayLittle() throws Exception {
    assertEquals(Severity.OK, Evaluation.of(rule, () -> sent(1, 443, 20, 9)).severity());
    assertEquals(Severity.WARNING, Evaluation.of(rule, () -> sent(1, 443, 20, 10)).severity());
  }

  @Test
  void thoseOfOpenConnectionsAreCountedSeparately() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              sent(1, 443, 1_000, 1);
              for (long socket : new long[] {1, 2, 2}) {
                Retransmit event = new Retransmit();
                event.socketId = socket;
                event.segments = 3;
                event.commit();
              }
            });
    assertEquals(6, evaluation.number(RetransmitRule.OPEN));
    assertEquals(1, evaluation.number(TcpRule.COUNT));
    assertEquals(
        "Of the connections that ended, few segments were retransmitted: 1."
            + " There were 6 more on connections that had not ended.",
        evaluation.summary());
    evaluation =
        Evaluation.of(
            rule,
            () -> {
              Retransmit event = new Retransmit();
              event.socketId = 2;
              event.segments = 1;
              event.commit();
            });
    assertEquals(
        "Of the connections that ended, no segment was retransmitted."
            + " There was 1 more on connections that had not ended.",
        evaluation.summary());
  }
}
