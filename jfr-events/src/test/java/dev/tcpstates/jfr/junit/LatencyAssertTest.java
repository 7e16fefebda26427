// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.FakeSocket.accepted;
import static dev.tcpstates.jfr.junit.FakeSocket.connected;
import static dev.tcpstates.jfr.junit.FakeSocket.connecting;
import static dev.tcpstates.jfr.junit.FakeSocket.queued;
import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.junit.FakeSocket.Site;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Times of connections, ended and open. */
class LatencyAssertTest extends WithFakeRecording {
  private static final Duration LONG = Duration.ofMinutes(10);

  private static void acceptedAfter(Duration wait) {
    accepted(80)
        .ends(
            event -> {
              event.accepted = true;
              event.acceptQueueWait = wait.toNanos();
            });
  }

  @Test
  void acceptWait() {
    Duration limit = Duration.ofMillis(10);
    connected(Site.CLIENT, 80);
    assertEquals(
        "No incoming connection was established, so no wait for accept to measure",
        sentence(tcp, all -> all.acceptWaitIsUnder(limit)));
    assertThat(tcp).allowEmpty().acceptWaitIsUnder(limit);
    for (int i = 0; i < 9; i++) {
      acceptedAfter(Duration.ofMillis(1));
    }
    assertThat(tcp).acceptWaitIsUnder(limit);
    acceptedAfter(limit);
    assertThat(tcp).acceptWaitPercentileIsUnder(90, limit).acceptWaitIsUnder(limit.plusNanos(1));
    String text = failure(tcp, all -> all.acceptWaitIsUnder(limit));
    assertTrue(
        text.startsWith("1 of 10 sockets not accepted in less than 10.000 ms, where 0 may be\n"),
        text);
    assertTrue(text.contains("  accepted after 10.000 ms  (socket "), text);
  }

  /** Also open ones count, accepted or not. */
  @Test
  void acceptWaitOfOpenConnections() {
    accepted(80);
    assertThat(tcp).acceptWaitIsUnder(LONG);
    FakeSocket waits = queued(80);
    assertThat(tcp).acceptWaitPercentileIsUnder(50, LONG);
    String text = failure(tcp, all -> all.acceptWaitIsUnder(LONG));
    assertTrue(text.startsWith("1 of 2 sockets not accepted in less than 600000.000 ms"), text);
    assertTrue(text.contains("  ESTABLISHED  (socket " + waits.hexId()), text);
    assertTrue(text.contains("at com.shop.Listener.open(Listener.java:3)"), text);
    waits.isAccepted();
    assertThat(tcp).acceptWaitIsUnder(LONG);
  }

  /** One that was reset before accept returned it was never accepted. */
  @Test
  @Timeout(60)
  void neverAccepted() {
    queued(80).ends("RESET_BY_REMOTE", "ECONNRESET");
    String text = failure(tcp.within(LONG), all -> all.acceptWaitIsUnder(LONG));
    assertTrue(text.contains("  RESET_BY_REMOTE ECONNRESET  (socket "), text);
  }

  @Test
  void handshakesOfOpenConnections() {
    Duration limit = Duration.ofMillis(10);
    connecting(Site.CLIENT, 80).to("ESTABLISHED", Duration.ofMillis(20));
    assertEquals(
        "1 of 1 socket not established in less than 10.000 ms, where 0 may be",
        sentence(tcp, all -> all.handshakeP99IsUnder(limit)));
    assertThat(tcp.incoming()).allowEmpty().handshakeP99IsUnder(limit);
  }

  @Test
  void percentiles() {
    assertEquals(1, new Percentile(99).mayExceed(100));
    assertEquals(0, new Percentile(99).mayExceed(99));
    assertEquals(0, new Percentile(99.01).mayExceed(100));
    assertEquals(5, new Percentile(50).mayExceed(10));
    assertEquals(0, new Percentile(100).mayExceed(10));
    assertEquals(0, new Percentile(50).mayExceed(0));
    for (double wrong : new double[] {0, -1, 100.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Percentile(wrong));
    }
  }

  @Test
  void closesIdleWithin() {
    Duration limit = Duration.ofMillis(100);
    connected(Site.CLIENT, 80).ends(event -> event.idleBefore = limit.toNanos());
    connecting(Site.CLIENT, 80).ends("REFUSED", "ECONNREFUSED");
    assertThat(tcp).closesIdleWithin(limit);
    FakeSocket open = connected(Site.METRICS, 80);
    // Not decided when the time is up.
    assertThat(tcp).closesIdleWithin(limit);
    open.isIdle(limit);
    assertThat(tcp).closesIdleWithin(limit);
    open.isIdle(limit.plusMillis(1));
    String text = failure(tcp, all -> all.closesIdleWithin(limit));
    assertTrue(text.startsWith("1 of 3 sockets idle for more than 100.000 ms\n"), text);
    assertTrue(text.contains("  idle for 101.000 ms, ESTABLISHED  (socket "), text);
    assertTrue(text.contains("at com.shop.metrics.Push.run(Push.java:12)"), text);
    open.isIdle(Duration.ZERO).ends(event -> event.idleBefore = limit.plusNanos(1).toNanos());
    assertTrue(
        failure(tcp, all -> all.closesIdleWithin(limit)).contains("  idle for 100.000 ms, FIN"));
  }

  @Test
  @Timeout(60)
  void closesIdleWithinDoesNotWaitForWhatHasEnded() {
    connected(Site.CLIENT, 80).ends(event -> event.idleBefore = 1);
    assertThat(tcp).closesIdleWithin(LONG);
  }
}
