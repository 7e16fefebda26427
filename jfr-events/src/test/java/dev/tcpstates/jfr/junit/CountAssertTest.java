// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.FakeSocket.accepted;
import static dev.tcpstates.jfr.junit.FakeSocket.connected;
import static dev.tcpstates.jfr.junit.FakeSocket.connecting;
import static dev.tcpstates.jfr.junit.FakeSocket.failedAtOnce;
import static dev.tcpstates.jfr.junit.FakeSocket.listening;
import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many sockets there are, at all and at once, and what happened to them. */
class CountAssertTest extends WithFakeRecording {
  @Test
  void isNotEmpty() {
    assertEquals("No socket", sentence(tcp, TcpAssert::isNotEmpty));
    connected(Site.CLIENT, 80);
    assertThat(tcp).isNotEmpty();
    assertEquals(
        "No socket: incoming() selects none", sentence(tcp.incoming(), TcpAssert::isNotEmpty));
  }

  @Test
  void connectsAtLeast() {
    assertThat(tcp).connectsAtLeast(0);
    connected(Site.CLIENT, 80);
    connecting(Site.CLIENT, 80).ends("REFUSED", "ECONNREFUSED");
    accepted(80);
    assertThat(tcp).connectsAtLeast(2);
    String text = failure(tcp, all -> all.connectsAtLeast(3));
    assertTrue(text.startsWith("2 connects where at least 3 should be\n\n2 opened here:\n"), text);
    assertTrue(text.contains("at com.shop.Client.ask(Client.java:44)"), text);
    assertEquals(
        "0 connects where at least 1 should be",
        sentence(tcp.toPort(81), all -> all.connectsAtLeast(1)));
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).connectsAtLeast(-1));
  }

  @Test
  void lowerBoundsWait() throws Exception {
    CompletableFuture<FakeSocket> later =
        CompletableFuture.supplyAsync(
            () -> connected(Site.CLIENT, 80),
            CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
    assertThat(tcp.within(Duration.ofSeconds(30))).isNotEmpty().connectsAtLeast(1);
    later.get();
  }

  @Test
  void opensAtMostAtOnce() {
    listening(80);
    for (int i = 0; i < 3; i++) {
      connected(Site.CLIENT, 80).to("LAST_ACK").ends("FIN", null);
    }
    FakeSocket one = connected(Site.CLIENT, 80);
    FakeSocket other = connecting(Site.METRICS, 81);
    assertThat(tcp).opensAtMostAtOnce(2);
    one.ends("FIN", null);
    other.ends("REFUSED", "ECONNREFUSED");
    connected(Site.CLIENT, 80);
    assertThat(tcp).opensAtMostAtOnce(2);
    String text = failure(tcp, all -> all.opensAtMostAtOnce(1));
    assertTrue(text.startsWith("2 connections open at once where at most 1 may be\n"), text);
    assertTrue(text.contains("(socket " + one.hexId()), text);
    assertTrue(text.contains("(socket " + other.hexId()), text);
    assertThat(tcp.toPort(81)).opensAtMostAtOnce(1);
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).opensAtMostAtOnce(-1));
  }

  @Test
  void hasNoRetransmits() {
    connected(Site.CLIENT, 80);
    assertThat(tcp).hasNoRetransmits();
    connected(Site.CLIENT, 80).retransmits(3);
    connected(Site.CLIENT, 80).ends(event -> event.retransmits = 1);
    String text = failure(tcp, TcpAssert::hasNoRetransmits);
    assertTrue(text.startsWith("2 of 3 sockets with retransmits\n"), text);
    assertTrue(text.contains("  3 retransmits, ESTABLISHED  (socket "), text);
    assertTrue(text.contains("  1 retransmit, FIN  (socket "), text);
  }

  @Test
  void noRetransmitsIsNotProvenWhereNoneIsRecorded() {
    connected(Site.CLIENT, 80);
    agent.doesNotRecord("Retransmit");
    assertEquals(
        "Can't be proven, because the kernel does not report retransmits: Retransmit (no"
            + " tracepoint)",
        sentence(tcp, TcpAssert::hasNoRetransmits));
  }

  /** "Network is unreachable" and the like: the kernel makes no transition. */
  @Test
  void aConnectThatFailsAtOnceCounts() {
    connected(Site.CLIENT, 80).ends("FIN", null);
    assertThat(tcp).hasNoFailedConnects().connectsExactly(1);
    failedAtOnce(Site.METRICS, "UNREACHABLE", "ENETUNREACH");
    String text = failure(tcp, TcpAssert::hasNoFailedConnects);
    assertTrue(text.startsWith("1 of 2 sockets not established\n"), text);
    assertTrue(text.contains("  UNREACHABLE ENETUNREACH  (socket "), text);
    assertThat(tcp)
        .connectsExactly(2)
        .leavesNoSocketOpen()
        .hasAllIn(TcpState.CLOSE)
        .opensAtMostAtOnce(1);
    assertEquals(2, tcp.list().size());
    assertEquals(1, tcp.sockets().size());
    tcp.fromNow();
    assertThat(tcp).connectsExactly(0);
  }

  @Test
  void isReusedAtLeast() {
    for (int i = 0; i < 9; i++) {
      connected(Site.CLIENT, 80).ends(event -> event.bytesSent = 200);
    }
    connected(Site.METRICS, 80).sends(100);
    accepted(80);
    assertThat(tcp).isReusedAtLeast(90, 2, 100).isReusedAtLeast(100, 1, 100);
    String text = failure(tcp, all -> all.isReusedAtLeast(91, 2, 100));
    assertTrue(
        text.startsWith("1 of 10 sockets sent less than 2 requests of 100 B, where 0 may\n"), text);
    assertTrue(text.contains("  sent 100 B, ESTABLISHED  (socket "), text);
    assertTrue(text.contains("at com.shop.metrics.Push.run(Push.java:12)"), text);
    assertEquals(
        "No connection of this side, so none to be reused",
        sentence(tcp.incoming(), all -> all.isReusedAtLeast(50, 2, 1)));
    assertThat(tcp.incoming()).allowEmpty().isReusedAtLeast(50, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).isReusedAtLeast(101, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).isReusedAtLeast(50, 0, 1));
    assertFalse(text.contains("Client.java"), text);
  }
}
