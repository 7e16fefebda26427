// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.TcpConnections;
import dev.tcpstates.jfr.junit.TcpSocket;
import dev.tcpstates.jfr.junit.TcpStates;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Tests that pass: in each, the sockets are known to the last one. */
@TcpStates
class GreenTests {
  private static final int REQUESTS = 100;

  private static EchoServer server;

  @BeforeAll
  static void startServer() throws Exception {
    server = new EchoServer();
    try (Socket connection = server.connect()) {
      EchoServer.ask(connection);
    }
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void warmUp() throws Exception {
    try (Socket connection = server.connect()) {
      EchoServer.ask(connection);
    }
  }

  @AfterEach
  void leavesNothing(TcpConnections tcp) {
    assertThat(tcp).leavesNoSocketOpen().leavesNothingInCloseWait().hasNoResets();
  }

  @Test
  void reuses(TcpConnections tcp) throws Exception {
    try (Socket connection = server.connect()) {
      for (int i = 0; i < REQUESTS; i++) {
        EchoServer.ask(connection);
      }
      assertThat(tcp).hasAllIn(TcpState.ESTABLISHED);
      assertEquals(2, tcp.sockets().size());
      assertEquals(List.of(), tcp.ended());
    }
    assertThat(tcp)
        .connectsExactly(1)
        .connectsAtMost(1)
        .connectsAtMostPerLine(1)
        .reusesAtLeast(0.99, REQUESTS)
        .endsAllByFin()
        .hasNoFailedConnects()
        .handshakeP99IsUnder(Duration.ofSeconds(60))
        .opensNothingFrom("com.example");
    assertThat(tcp.toPort(server.port())).connectsExactly(1);
    assertThat(tcp.toPort(1)).connectsExactly(0);
    assertThat(tcp.openedFrom(GreenTests.class.getName())).connectsExactly(1);
    assertThat(tcp.incoming()).opensNothingFrom(GreenTests.class.getName());

    List<ConnectionInfo> client = tcp.outgoing().ended();
    List<ConnectionInfo> accepted = tcp.incoming().openedFrom(EchoServer.class.getName()).ended();
    assertEquals(1, client.size());
    assertEquals(1, accepted.size());
    assertEquals(REQUESTS, client.get(0).bytesSent());
    assertEquals(REQUESTS, accepted.get(0).bytesReceived());
    assertTrue(tcp.sockets().stream().allMatch(SocketTimeline::complete));
  }

  @Test
  void keepsItsLimits(TcpConnections tcp) throws Exception {
    Duration limit = Duration.ofSeconds(60);
    for (int i = 0; i < 3; i++) {
      try (Socket connection = server.connect()) {
        EchoServer.ask(connection);
        assertThat(tcp.incoming()).acceptWaitIsUnder(limit).isNotEmpty();
      }
      assertThat(tcp).leavesNoSocketOpen();
    }
    assertThat(tcp)
        .isNotEmpty()
        .connectsAtLeast(3)
        .opensAtMostAtOnce(2)
        .acceptWaitPercentileIsUnder(90, limit)
        .handshakePercentileIsUnder(100, limit)
        .isReusedAtLeast(100, 1, 1)
        .hasNoRetransmits()
        .closesIdleWithin(limit);
    assertThat(tcp.toHost("127.0.0.1")).connectsExactly(3).opensAtMostAtOnce(1);
    assertThat(tcp)
        .filteredOn(TcpSocket::isIncoming)
        .allSatisfy(socket -> assertEquals(server.port(), socket.localPort()));
  }

  /** Often: what the test before left in the kernel's buffer must not become this one's. */
  @RepeatedTest(5)
  void opensOneOfItsOwn(TcpConnections tcp) throws Exception {
    server.connect().close();
    assertThat(tcp).connectsExactly(1).endsAllByFin();
    assertEquals(2, tcp.sockets().size());
  }

  @Test
  void beginsAgain(TcpConnections tcp) throws Exception {
    try (Socket pooled = server.connect()) {
      EchoServer.ask(pooled);
      tcp.fromNow();
      EchoServer.ask(pooled);
      assertThat(tcp).connectsExactly(0);
      assertEquals(List.of(), tcp.sockets());
    }
  }

  /** The barrier: every connection that was made is seen at once. */
  @Test
  void seesEachAtOnce(TcpConnections tcp) throws Exception {
    List<Socket> all = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      all.add(server.connect());
      assertThat(tcp).connectsExactly(i);
    }
    for (Socket socket : all) {
      socket.close();
    }
    assertThat(tcp).endsAllByFin();
    assertEquals(20, tcp.ended().size());
  }

  @Test
  void waitsForAnotherThread(TcpConnections tcp) throws Exception {
    Socket connection = server.connect();
    CountDownLatch asked = new CountDownLatch(1);
    Thread closer =
        new Thread(
            () -> {
              try {
                asked.await();
                Thread.sleep(300);
                connection.close();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    closer.start();
    asked.countDown();
    assertThat(tcp.within(Duration.ofSeconds(60))).leavesNoSocketOpen();
    closer.join();
  }
}
