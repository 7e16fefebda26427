// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.SocketOpen;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

class AcceptQueueRuleTest {
  private static final long MILLISECOND = 1_000_000;

  private final AcceptQueueRule rule = new AcceptQueueRule();

  private static Connection waited(long socketId, long nanos) {
    Connection event = Events.connection(socketId, "ACCEPT");
    event.accepted = true;
    event.acceptQueueWait = nanos;
    return event;
  }

  @Test
  void limits() throws Exception {
    assertEquals(Severity.OK, waiting(100 * MILLISECOND - 1).severity());
    assertEquals(Severity.INFO, waiting(100 * MILLISECOND).severity());
    assertEquals(Severity.WARNING, waiting(1000 * MILLISECOND).severity());
  }

  private Evaluation waiting(long nanos) throws Exception {
    return Evaluation.of(rule, () -> waited(1, nanos).commit());
  }

  @Test
  void namesTheLineAndTheLocalSide() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              waited(1, 2_000 * MILLISECOND).commit();
              waited(2, MILLISECOND).commit();
              Events.connection(3, "CONNECT").commit();
            });
    assertEquals(2, evaluation.number(TcpRule.COUNT));
    assertEquals(List.of(1L), evaluation.sockets());
    assertEquals(
        List.of(Events.LINE + " on 192.0.2.1:8080: 2 s at most, of 2 connections"),
        evaluation.lines());
  }

  @Test
  void ofOpenConnectionsTheEventsAreJoined() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              OpenSite site = new OpenSite();
              site.openSiteId = 5;
              site.openedBy = "app.Server.accept:9 < app.Main.main:2";
              site.commit();
              Events.change(1, "SYN_RECV", "ESTABLISHED").commit();
              Events.change(2, "SYN_SENT", "ESTABLISHED").commit();
              Thread.sleep(30);
              for (long socket : new long[] {1, 2, 3}) {
                SocketOpen open = new SocketOpen();
                open.socketId = socket;
                open.kind = socket == 2 ? "CONNECT" : "ACCEPT";
                open.openSiteId = 5;
                open.commit();
              }
            },
            Map.of(AcceptQueueRule.INFO_LIMIT, UnitLookup.MILLISECOND.quantity(1)));
    assertEquals(1, evaluation.number(TcpRule.COUNT));
    assertEquals(List.of(1L), evaluation.sockets());
    assertEquals("app.Server.accept:9 on 192.0.2.1:8080", evaluation.line());
    assertTrue(evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.MILLISECOND) >= 30);
  }

  @Test
  void whatAListenerDroppedIsAWarning() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              for (int drops : new int[] {0, 3, 4}) {
                ListenQueue queue = new ListenQueue();
                queue.socketId = 9;
                queue.localAddress = "::";
                queue.localPort = 8080;
                queue.queueLength = 10 + drops;
                queue.queueLimit = 10;
                queue.drops = drops;
                queue.openedBy = "app.Server.listen:4";
                queue.commit();
              }
            });
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(7, evaluation.number(AcceptQueueRule.DROPS));
    assertEquals(14, evaluation.number(AcceptQueueRule.QUEUE));
    assertEquals(
        List.of("app.Server.listen:4 on [::]:8080: 7 dropped by the listener"), evaluation.lines());
    assertTrue(evaluation.summary().startsWith("A listener dropped 7 connections or requests."));
    assertTrue(evaluation.explanation().contains("7 dropped"), evaluation.explanation());
  }
}
