// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.flightrecorder.rules.Severity;

/** The rules on a recording of an agent that polls. */
class SampledTest {
  private static final long SECOND = 1_000_000_000;

  private static Connection unknownEnd() {
    Connection event = Events.connection(1, "CONNECT");
    event.end = "UNKNOWN";
    event.uncertainty = SECOND;
    event.handshakeTime = Long.MIN_VALUE;
    event.acceptQueueWait = Long.MIN_VALUE;
    event.timeEstablished = 5 * SECOND;
    event.timeCloseWait = Long.MIN_VALUE;
    return event;
  }

  @Test
  void nothingFoundIsNotReportedAsOk() throws Exception {
    for (TcpRule rule :
        List.of(
            new ResetRule(),
            new RetransmitRule(),
            new HandshakeRule(),
            new FailedConnectRule(),
            new ChurnRule(),
            new AcceptQueueRule())) {
      Evaluation evaluation =
          Evaluation.of(
              rule,
              () -> {
                Events.sampling();
                unknownEnd().commit();
              });
      assertEquals(Severity.NA, evaluation.severity(), rule.getId());
      assertTrue(evaluation.summary().contains("(mode SAMPLED)"), evaluation::summary);
    }
  }

  @Test
  void whatIsFoundShows() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            new ResetRule(),
            () -> {
              Events.sampling();
              Connection reset = unknownEnd();
              reset.end = "RESET_BY_REMOTE";
              reset.commit();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(1, evaluation.number(TcpRule.COUNT));
  }

  @Test
  void leaksAreReported() throws Exception {
    LeakRule rule = new LeakRule();
    assertEquals(Severity.OK, Evaluation.of(rule, Events::sampling).severity());
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.sampling();
              Events.state(1, "CLOSE_WAIT", 20 * SECOND).commit();
            });
    assertEquals(1, evaluation.number(TcpRule.COUNT));
  }

  @Test
  void theRecordingIsNamedIncomplete() throws Exception {
    Evaluation evaluation = Evaluation.of(new IncompleteRule(), Events::sampling);
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(
        "The mode is SAMPLED: this recording does not have transitions, resets, retransmits and"
            + " connections shorter than the poll interval (sampled every 1 s: EPERM).",
        evaluation.summary());
  }
}
