// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.FakeSocket.sampled;
import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** What can be asserted if the agent polls the sockets. */
class SampledAssertTest {
  private static final String UNPROVEN =
      "Can't be proven, because the recording is sampled every 1 s: transitions, resets,"
          + " retransmits and connections shorter than the interval are not recorded (EPERM)";

  @TempDir private Path directory;
  private FakeAgent agent;
  private TestRecording recording;
  private TcpConnections tcp;

  @BeforeEach
  void record() throws CantRecordException {
    agent = FakeAgent.sampling("EPERM");
    recording = TestRecording.start(directory.resolve("test.jfr"));
    sampled(Site.CLIENT, "CONNECT"); // before the test
    recording.fromNow();
    tcp = new TcpConnections(recording);
  }

  @AfterEach
  void stop() {
    recording.close();
    agent.close();
  }

  private static String failure(TcpConnections of, Consumer<TcpAssert> assertion) {
    TcpAssert asserted = assertThat(of);
    return assertThrows(AssertionError.class, () -> assertion.accept(asserted))
        .getMessage()
        .lines()
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whereNothingIsRequiredTheTestIsSkipped() {
    recording.skipUnproven(new SkipNotice("SomeTest"));
    TestAbortedException skipped =
        assertThrows(TestAbortedException.class, () -> assertThat(tcp).leavesNoSocketOpen());
    assertEquals(UNPROVEN, skipped.getMessage());
    sampled(Site.CLIENT, "CONNECT");
    assertEquals("1 connect where at most 0 may be", failure(tcp, all -> all.connectsAtMost(0)));
  }

  @Test
  void openingsBoundConnects() {
    assertThat(tcp).connectsAtMost(0).connectsExactly(0).opensNothingFrom("com.shop");
    sampled(Site.CLIENT, "CONNECT");
    sampled(Site.CLIENT, "CONNECT");
    sampled(Site.METRICS, "CONNECT");
    sampled(Site.SERVER, "ACCEPT");
    sampled(Site.LISTENER, "LISTEN");
    assertThat(tcp).connectsAtMost(3).connectsAtMostPerLine(2).reusesAtLeast(0.7, 10);
    assertThat(tcp.outgoing()).connectsAtMost(3).opensNothingFrom("com.other");
    assertThat(tcp.openedFrom("com.shop.metrics")).connectsAtMost(1);

    assertEquals("3 connects where at most 2 may be", failure(tcp, all -> all.connectsAtMost(2)));
    failure(tcp, all -> all.connectsAtMostPerLine(1));
    failure(tcp, all -> all.reusesAtLeast(0.71, 10));
    assertEquals(
        "1 of 5 sockets opened from com.shop.metrics",
        failure(tcp, all -> all.opensNothingFrom("com.shop.metrics")));
  }

  @Test
  void aFailureNamesTheOpenerWithoutAddress() {
    FakeSocket socket = sampled(Site.CLIENT, "CONNECT");
    String text =
        assertThrows(AssertionError.class, () -> assertThat(tcp).connectsAtMost(0)).getMessage();
    assertTrue(text.contains("    at com.shop.Client.ask(Client.java:44)"), text);
    assertTrue(
        text.contains(
            "  address not recorded  opened, state not recorded  (socket " + socket.hexId()),
        text);
  }

  /** Only a poll that found a connection proves that it connected. */
  @Test
  void exactlySoManyIfPollsFoundThem() {
    FakeSocket first = sampled(Site.CLIENT, "CONNECT");
    assertTrue(failure(tcp, all -> all.connectsExactly(1)).startsWith(UNPROVEN + "; and a socket"));
    assertEquals("1 connect where 2 should be", failure(tcp, all -> all.connectsExactly(2)));
    first.emitsItsEnd("UNKNOWN", null);
    assertThat(tcp).connectsExactly(1);
  }

  /** What a poll has found, and what Java code has opened, is a lower bound. */
  @Test
  void pollsProveLowerBounds() {
    TcpConnections soon = tcp.within(Duration.ofMillis(50));
    assertEquals(UNPROVEN, failure(soon, TcpAssert::isNotEmpty));
    FakeSocket socket = sampled(Site.CLIENT, "CONNECT");
    assertThat(soon).isNotEmpty();
    assertEquals(UNPROVEN, failure(soon, all -> all.connectsAtLeast(1)));
    socket.emitsItsEnd("UNKNOWN", null);
    assertThat(soon).connectsAtLeast(1);
    assertEquals(UNPROVEN, failure(soon, all -> all.connectsAtLeast(2)));
  }

  @Test
  void everythingElseIsUnproven() {
    sampled(Site.CLIENT, "CONNECT").emitsItsEnd("FIN", null);
    for (Consumer<TcpAssert> assertion :
        List.<Consumer<TcpAssert>>of(
            TcpAssert::leavesNoSocketOpen,
            TcpAssert::leavesNothingInCloseWait,
            all -> all.hasAllIn(TcpState.CLOSE),
            all -> all.handshakeP99IsUnder(Duration.ofHours(1)),
            all -> all.acceptWaitIsUnder(Duration.ofHours(1)),
            all -> all.closesIdleWithin(Duration.ofHours(1)),
            all -> all.opensAtMostAtOnce(1),
            all -> all.isReusedAtLeast(1, 1, 1),
            all -> all.allSatisfy(socket -> {}),
            all -> all.extracting(TcpSocket::port),
            TcpAssert::hasNoResets,
            TcpAssert::hasNoRetransmits,
            TcpAssert::hasNoFailedConnects,
            TcpAssert::endsAllByFin)) {
      assertEquals(UNPROVEN, failure(tcp, assertion));
    }
    for (Runnable list : List.<Runnable>of(tcp::sockets, tcp::ended, tcp::list)) {
      String text = assertThrows(AssertionError.class, list::run).getMessage();
      assertTrue(text.startsWith(UNPROVEN), text);
    }
    assertEquals(1, tcp.recording().connections().size());
  }

  @Test
  void choicesThatOpeningsDoNotShow() {
    assertEquals(
        UNPROVEN + "; and the port that a socket connects to is not recorded when it is opened",
        failure(tcp.toPort(80), none -> none.connectsAtMost(0)));
    assertEquals(
        UNPROVEN + "; and connections that were not accepted are not recorded",
        failure(tcp.incoming().outgoing(), none -> none.opensNothingFrom("com.shop")));
  }

  @Test
  void openingsProveNothingWithoutAllHooks() {
    agent.lacksHook("sun.nio.ch.Net.socket");
    assertEquals(
        UNPROVEN
            + "; and some methods that open sockets have no hook (missing: sun.nio.ch.Net.socket)",
        failure(tcp, all -> all.connectsAtMost(0)));
  }
}
