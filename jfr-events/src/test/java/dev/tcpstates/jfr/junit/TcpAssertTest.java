// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.FakeSocket.accepted;
import static dev.tcpstates.jfr.junit.FakeSocket.connected;
import static dev.tcpstates.jfr.junit.FakeSocket.connecting;
import static dev.tcpstates.jfr.junit.FakeSocket.listening;
import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.AnnotationElement;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.Name;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnJre;
import org.junit.jupiter.api.condition.JRE;

/** Each assertion, when it holds and when it fails. */
class TcpAssertTest extends WithFakeRecording {
  /** The message of a failed assertion. */
  private String failure(Consumer<TcpAssert> assertion) {
    return failure(tcp, assertion);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  @Test
  void textHasTheSocketsByOpeningStack() {
    FakeSocket first = connected(Site.CLIENT, 80).to("CLOSE_WAIT");
    connected(Site.METRICS, 81).to("LAST_ACK").ends("FIN", null);
    FakeSocket second = connected(Site.METRICS, 81);
    FakeSocket third = connected(Site.CLIENT, 80);
    assertEquals(
        """
        3 of 4 sockets left open

        2 of them opened here:
            ... 1 JDK frame
            at com.shop.Client.ask(Client.java:44)
            at com.shop.ShopTest.buys(ShopTest.java:30)
            ... 3 more
          127.0.0.1:50000 > 127.0.0.2:80  CLOSE_WAIT  (socket %s, thread "%s")
          127.0.0.1:50000 > 127.0.0.2:80  ESTABLISHED  (socket %s, thread "%s")

        1 of them opened here:
            ... 1 JDK frame
            at com.shop.metrics.Push.run(Push.java:12)
            at com.shop.ShopTest.buys(ShopTest.java:30)
            ... 3 more
          127.0.0.1:50000 > 127.0.0.2:81  ESTABLISHED  (socket %s, thread "%s")

        The recording, if it is kept: %s\
        """
            .formatted(
                first.hexId(),
                Thread.currentThread().getName(),
                third.hexId(),
                Thread.currentThread().getName(),
                second.hexId(),
                Thread.currentThread().getName(),
                directory.resolve("test.jfr")),
        failure(TcpAssert::leavesNoSocketOpen));
  }

  @Test
  void textOfManyIsShort() {
    for (int i = 0; i < 13; i++) {
      connected(Site.CLIENT, 80);
    }
    String text = failure(TcpAssert::leavesNoSocketOpen);
    assertTrue(text.contains("\n13 opened here:\n"), text);
    assertEquals(10, text.lines().filter(line -> line.contains("(socket ")).count());
    assertTrue(text.contains("\n  and 3 more\n"), text);
  }

  /** Who accepts a socket is known at once, and not only at its next transition. */
  @Test
  void anAcceptedSocketIsItsAcceptors() {
    listening(80);
    accepted(80);
    assertThat(tcp.incoming()).opensNothingFrom("com.shop.Listener");
    assertEquals(
        "1 of 1 socket opened from com.shop.Server",
        firstLine(failure(tcp.incoming(), a -> a.opensNothingFrom("com.shop.Server"))));
  }

  @Test
  void leavesNoSocketOpen() {
    assertThat(tcp).leavesNoSocketOpen();
    FakeSocket listener = listening(80);
    assertEquals("1 of 1 socket left open", firstLine(failure(TcpAssert::leavesNoSocketOpen)));
    listener.to("CLOSE");
    connected(Site.CLIENT, 80).to("FIN_WAIT1").to("FIN_WAIT2").ends("FIN", null);
    assertThat(tcp).leavesNoSocketOpen();
    accepted(80);
    assertEquals("1 of 3 sockets left open", firstLine(failure(TcpAssert::leavesNoSocketOpen)));
    assertThat(tcp.outgoing()).leavesNoSocketOpen();
  }

  @Test
  void leavesOpenAtMostPerLine() {
    connected(Site.CLIENT, 80);
    connected(Site.CLIENT, 80);
    connected(Site.CLIENT, 80).to("FIN_WAIT1").to("FIN_WAIT2").ends("FIN", null);
    assertThat(tcp).leavesOpenAtMostPerLine(2);
    assertEquals(
        "2 of 3 sockets left open by lines of code that may leave 1 each",
        firstLine(failure(assertion -> assertion.leavesOpenAtMostPerLine(1))));
  }

  @Test
  void waitsForWhatComesLater() throws Exception {
    FakeSocket socket = connected(Site.CLIENT, 80).to("CLOSE_WAIT");
    CompletableFuture<Void> later =
        CompletableFuture.runAsync(
            () -> socket.to("LAST_ACK").ends("FIN", null),
            CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
    assertThat(tcp.within(Duration.ofSeconds(30))).leavesNothingInCloseWait().endsAllByFin();
    later.get();
  }

  @Test
  void waitsNoLongerThanTheLimit() {
    connected(Site.CLIENT, 80);
    long start = System.nanoTime();
    failure(tcp.within(Duration.ofMillis(400)), TcpAssert::leavesNoSocketOpen);
    assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(400));
  }

  /** Waiting for what can't happen any more would take 30 minutes. */
  @Test
  @Timeout(60)
  void doesNotWaitForWhatIsDecided() {
    connected(Site.CLIENT, 80).ends("RESET_BY_REMOTE", "ECONNRESET");
    connected(Site.CLIENT, 80);
    failure(tcp.within(Duration.ofMinutes(30)), TcpAssert::endsAllByFin);
    failure(tcp.within(Duration.ofMinutes(30)), a -> a.handshakeP99IsUnder(Duration.ofNanos(1)));
  }

  @Test
  void leavesNothingInCloseWait() {
    connected(Site.CLIENT, 80);
    assertThat(tcp).leavesNothingInCloseWait();
    connected(Site.CLIENT, 80).to("CLOSE_WAIT");
    assertEquals(
        "1 of 2 sockets left in CLOSE_WAIT: closed by the remote side only",
        firstLine(failure(TcpAssert::leavesNothingInCloseWait)));
  }

  @Test
  void hasAllIn() {
    listening(80);
    assertThat(tcp).hasAllIn(TcpState.LISTEN);
    connected(Site.CLIENT, 80);
    assertEquals(
        "1 of 2 sockets not in LISTEN",
        firstLine(failure(asserted -> asserted.hasAllIn(TcpState.LISTEN))));
  }

  @Test
  void anEmptySelectionProvesNothing() {
    connected(Site.CLIENT, 80).to("LAST_ACK").ends("FIN", null);
    TcpConnections typo = tcp.outgoing().openedFrom("com.shop.Typo");
    List<Consumer<TcpAssert>> assertions =
        List.of(
            TcpAssert::leavesNoSocketOpen,
            TcpAssert::leavesNothingInCloseWait,
            asserted -> asserted.hasAllIn(TcpState.CLOSE),
            asserted -> asserted.connectsAtMost(1),
            asserted -> asserted.connectsAtMostPerLine(1),
            asserted -> asserted.reusesAtLeast(0.5, 10),
            TcpAssert::hasNoResets,
            TcpAssert::hasNoFailedConnects,
            TcpAssert::endsAllByFin);
    for (Consumer<TcpAssert> assertion : assertions) {
      assertEquals(
          "Nothing to judge: outgoing().openedFrom(\"com.shop.Typo\") selects none of the test's"
              + " 1 socket; allowEmpty() lets that pass",
          firstLine(failure(typo, assertion)));
      assertion.accept(assertThat(typo).allowEmpty());
    }
    // These say that there is none.
    assertThat(typo).connectsExactly(0).connectsAtMost(0).opensNothingFrom("com.shop");
  }

  @Test
  void connects() {
    connected(Site.CLIENT, 80);
    connecting(Site.METRICS, 81).ends("REFUSED", "ECONNREFUSED");
    accepted(80);
    listening(80);
    assertThat(tcp).connectsAtMost(2).connectsExactly(2).connectsAtMostPerLine(1);
    assertThat(tcp.toPort(81)).connectsExactly(1);
    assertThat(tcp.openedFrom("com.shop.metrics")).connectsExactly(1);
    assertThat(tcp.incoming()).connectsExactly(0);
    assertEquals(
        "2 connects where at most 1 may be",
        firstLine(failure(asserted -> asserted.connectsAtMost(1))));
    assertEquals(
        "2 connects where 3 should be",
        firstLine(failure(asserted -> asserted.connectsExactly(3))));
    assertEquals(
        "0 connects where 1 should be",
        firstLine(failure(tcp.incoming(), asserted -> asserted.connectsExactly(1))));
    connected(Site.CLIENT, 80);
    String text = failure(asserted -> asserted.connectsAtMostPerLine(1));
    assertEquals(
        "2 connects by lines of code that may connect at most 1 times each", firstLine(text));
    assertTrue(text.contains("\n2 opened here:\n"), text);
    assertFalse(text.contains("metrics"), text);
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).connectsAtMost(-1));
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).connectsAtMostPerLine(-1));
  }

  @Test
  void reusesAtLeast() {
    assertThat(tcp).reusesAtLeast(1, 10);
    connected(Site.CLIENT, 80);
    assertThat(tcp).reusesAtLeast(0.9, 10);
    assertEquals(
        "1 connect for 10 requests: a connection was reused for 0.900 of them, where at least 0.950"
            + " should be",
        firstLine(failure(asserted -> asserted.reusesAtLeast(0.95, 10))));
    for (int i = 0; i < 8; i++) {
      connected(Site.CLIENT, 80);
    }
    assertThat(tcp).reusesAtLeast(0.1, 10); // not so in doubles
    failure(asserted -> asserted.reusesAtLeast(0.1, 9));
    failure(asserted -> asserted.reusesAtLeast(0.1, 1));
    for (double share : List.of(-0.1, 1.1, Double.NaN)) {
      assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).reusesAtLeast(share, 10));
    }
    assertThrows(IllegalArgumentException.class, () -> assertThat(tcp).reusesAtLeast(0, 0));
  }

  @Test
  void opensNothingFrom() {
    connected(Site.CLIENT, 80);
    assertThat(tcp)
        .opensNothingFrom("com.shop.metrics")
        .opensNothingFrom("com.sho")
        .opensNothingFrom("com.shop.Clie");
    for (String opener : List.of("com.shop", "com.shop.Client", "com", "java.net")) {
      assertEquals(
          "1 of 1 socket opened from " + opener,
          firstLine(failure(asserted -> asserted.opensNothingFrom(opener))));
    }
    connected(Site.UNKNOWN, 80);
    String text = failure(asserted -> asserted.opensNothingFrom("com.shop.metrics"));
    assertEquals(
        "1 of 2 sockets of unknown opener, which may be com.shop.metrics", firstLine(text));
    assertTrue(text.contains("    (unknown: opened by no method that is hooked)\n"), text);
  }

  @Test
  void handshakes() {
    Duration limit = Duration.ofMillis(10);
    String none = failure(asserted -> asserted.handshakeP99IsUnder(limit));
    assertEquals("No attempt to connect, so no handshake to measure", firstLine(none));
    for (int i = 0; i < 99; i++) {
      connecting(Site.CLIENT, 80).to("ESTABLISHED", Duration.ofMillis(1));
    }
    assertThat(tcp).handshakeP99IsUnder(limit);
    assertThat(tcp).handshakePercentileIsUnder(100, limit);
    connecting(Site.CLIENT, 81).to("ESTABLISHED", limit);
    assertThat(tcp).handshakeP99IsUnder(limit);
    assertThat(tcp).handshakePercentileIsUnder(100, limit.plusNanos(1));
    String one = failure(asserted -> asserted.handshakePercentileIsUnder(99.01, limit));
    assertEquals(
        "1 of 100 sockets not established in less than 10.000 ms, where 0 may be", firstLine(one));
    assertTrue(one.contains(":81  established after 10.000 ms  (socket "), one);

    connecting(Site.CLIENT, 82).ends("REFUSED", "ECONNREFUSED");
    FakeSocket waits = connecting(Site.CLIENT, 83);
    String three = failure(asserted -> asserted.handshakeP99IsUnder(limit));
    assertEquals(
        "3 of 102 sockets not established in less than 10.000 ms, where 1 may be",
        firstLine(three));
    assertTrue(three.contains(":82  REFUSED ECONNREFUSED"), three);
    assertTrue(three.contains(":83  SYN_SENT"), three);
    assertTrue(three.indexOf(":83 ") < three.indexOf(":81 "), three);
    waits.to("ESTABLISHED", Duration.ofMillis(1));
    assertThat(tcp).handshakePercentileIsUnder(98, limit);

    for (double percentile : List.of(0., 100.1, Double.NaN)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> assertThat(tcp).handshakePercentileIsUnder(percentile, limit));
    }
  }

  @Test
  void hasNoResets() {
    connected(Site.CLIENT, 80).to("FIN_WAIT1").to("FIN_WAIT2").ends("FIN", null);
    connecting(Site.CLIENT, 80).ends("REFUSED", "ECONNREFUSED");
    assertThat(tcp).hasNoResets();
    connected(Site.CLIENT, 80).ends("RESET_BY_REMOTE", "ECONNRESET");
    accepted(80).ends("RESET_BY_LOCAL", null);
    String text = failure(TcpAssert::hasNoResets);
    assertEquals("2 of 4 sockets reset", firstLine(text));
    assertTrue(text.contains("  RESET_BY_REMOTE ECONNRESET  (socket "), text);
    assertTrue(text.contains("  RESET_BY_LOCAL  (socket "), text);
  }

  @Test
  void hasNoFailedConnects() {
    connected(Site.CLIENT, 80).ends("RESET_BY_REMOTE", "ECONNRESET");
    assertThat(tcp).hasNoFailedConnects();
    connecting(Site.CLIENT, 80).ends("TIMEOUT", "ETIMEDOUT");
    assertEquals(
        "1 of 2 sockets not established", firstLine(failure(TcpAssert::hasNoFailedConnects)));
  }

  /** Such as "Network is unreachable", which the kernel returns before any transition. */
  @Test
  void aFailedConnectWithoutTransitionCounts() {
    connected(Site.CLIENT, 80);
    FakeSocket.sampled(Site.METRICS, "CONNECT").emitsItsEnd("UNREACHABLE", "ENETUNREACH");
    String text = failure(TcpAssert::hasNoFailedConnects);
    assertEquals("1 of 2 sockets not established", firstLine(text));
    assertTrue(text.contains("  UNREACHABLE ENETUNREACH  (socket "), text);
    assertTrue(text.contains("com.shop.metrics.Push.run(Push.java:12)"), text);
  }

  @Test
  void endsAllByFin() {
    listening(80);
    assertThat(tcp).endsAllByFin();
    connected(Site.CLIENT, 80).to("FIN_WAIT1").to("FIN_WAIT2").ends("FIN", null);
    assertThat(tcp).endsAllByFin();
    connected(Site.CLIENT, 80);
    connected(Site.CLIENT, 80).ends("RESET_BY_LOCAL", null);
    String text = failure(TcpAssert::endsAllByFin);
    assertEquals("2 of 3 sockets not ended by FIN", firstLine(text));
    assertTrue(text.contains("  ESTABLISHED  (socket "), text);
    assertTrue(text.contains("  RESET_BY_LOCAL  (socket "), text);
  }

  @Test
  void onlyNewSocketsCount() {
    FakeSocket.old().to("CLOSE_WAIT");
    FakeSocket warmUp = connected(Site.CLIENT, 80);
    assertThat(tcp).connectsExactly(1);
    assertEquals(1, tcp.sockets().size());
    tcp.fromNow();
    warmUp.ends("RESET_BY_REMOTE", "ECONNRESET");
    assertThat(tcp).connectsExactly(0).leavesNoSocketOpen().hasNoResets();
    assertEquals(List.of(), tcp.sockets());
    assertEquals(List.of(), tcp.ended());
    assertEquals(2, tcp.recording().timelines().size());
    connected(Site.CLIENT, 80);
    assertThat(tcp).connectsExactly(1);
    assertEquals(1, tcp.sockets().size());
  }

  @Test
  void whatWasLostMayBeAnything() {
    assertThat(tcp).connectsExactly(0);
    FakeAgent.lose(3, "RING_FULL");
    AssertionError error = assertThrows(AssertionError.class, () -> assertThat(tcp));
    assertTrue(
        error.getMessage().contains("\n  3 events tcpstates.StateChange were lost: RING_FULL\n"),
        error.getMessage());
  }

  /** Later JDKs refuse to let others than the JVM emit this event. */
  @Test
  @EnabledOnJre(JRE.JAVA_17)
  void whatFlightRecorderLostMayBeAnything() {
    EventFactory factory =
        EventFactory.create(
            List.of(new AnnotationElement(Name.class, "jdk.DataLoss")),
            List.of(new ValueDescriptor(long.class, "amount")));
    Event event = factory.newEvent();
    event.set(0, 77L);
    event.commit();
    AssertionError error = assertThrows(AssertionError.class, () -> assertThat(tcp));
    factory.unregister();
    assertTrue(
        error.getMessage().contains("Flight Recorder lost 77 bytes of events"), error.getMessage());
  }

  @Test
  void anAgentThatStopsLeavesAGap() {
    agent.close();
    agent = new FakeAgent("detached");
    AssertionError error = assertThrows(AssertionError.class, () -> assertThat(tcp));
    assertTrue(
        error.getMessage().contains("the agent stopped before the test did: detached"),
        error.getMessage());
  }

  @Test
  void waitsForTheEventOfTheEnd() throws Exception {
    FakeSocket socket = connected(Site.CLIENT, 80).to("CLOSE");
    CompletableFuture<Void> later =
        CompletableFuture.runAsync(
            () -> socket.emitsItsEnd("RESET_BY_LOCAL", null),
            CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS));
    failure(TcpAssert::hasNoResets);
    later.get();
  }
}
