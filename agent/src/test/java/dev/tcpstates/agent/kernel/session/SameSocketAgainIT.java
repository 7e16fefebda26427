// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static dev.tcpstates.agent.kernel.session.LiveSession.server;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.SocketCookie;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.TcpState;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One socket with several connections after each other, as C programs have it: each connection's
 * record is its own. Java closes a socket whose connect failed.
 */
@SuppressWarnings("try") // the client stays open until the accepted socket is disconnected
class SameSocketAgainIT {
  private static final int ECONNREFUSED = 111;
  private static final int PAUSE_MILLIS = 30;

  /** Of the records of one connection. */
  private record Ended(
      long opened,
      long established,
      long time,
      int closer,
      int error,
      long inEstablished,
      long inFinWait,
      long inCloseWait,
      long idle,
      long listenerId) {}

  @RegisterExtension private final LiveSession live = new LiveSession();

  private final List<Ended> ended = new ArrayList<>();
  private final List<Long> openings = new ArrayList<>();
  private final List<Long> established = new ArrayList<>();

  private BpfSession session;
  private long cookie;

  @BeforeEach
  void open() {
    session = live.get();
    session.recording(
        Set.of(RecordType.TRANSITIONS, RecordType.CONNECTIONS, RecordType.RETRANSMITS));
  }

  private void drain() {
    session.drain(
        new RecordSink() {
          @Override
          public void transition(TransitionView t) {
            if (t.socketId() != cookie) {
              return;
            }
            if (t.newState() == TcpState.SYN_SENT.kernelValue()) {
              openings.add(t.time());
            } else if (t.newState() == TcpState.ESTABLISHED.kernelValue()) {
              established.add(t.time());
            }
          }

          @Override
          public void connection(ConnectionView c) {
            if (c.socketId() == cookie) {
              ended.add(
                  new Ended(
                      c.opened(),
                      c.established(),
                      c.time(),
                      c.closer(),
                      c.error(),
                      c.timeEstablished(),
                      c.timeFinWait(),
                      c.timeCloseWait(),
                      c.idle(),
                      c.listenerId()));
            }
          }

          @Override
          public void ended(long socketId, int oldState) {}
        });
  }

  /** Each record's times are those of its own transitions, to the nanosecond. */
  private void assertOwnTimes() {
    drain();
    assertEquals(openings, ended.stream().map(Ended::opened).toList());
    assertEquals(
        established, ended.stream().map(Ended::established).filter(time -> time != 0).toList());
  }

  /** The remote side closes first. */
  private static void connectAndBeClosed(RawSocket client, ServerSocket server) throws Exception {
    assertEquals(0, client.connect(server.getLocalPort()));
    server.accept().close();
    client.awaitEnd();
  }

  @Test
  void aConnectionAfterAnother() throws Exception {
    try (ServerSocket server = server();
        RawSocket client = RawSocket.tcp()) {
      cookie = SocketCookie.cookie(client.fd());
      connectAndBeClosed(client, server);
      Thread.sleep(PAUSE_MILLIS);
      client.disconnect();
      // This side does.
      assertEquals(0, client.connect(server.getLocalPort()));
      try (Socket accepted = server.accept()) {
        client.shutdownOutput();
        assertEquals(-1, accepted.getInputStream().read());
        Thread.sleep(PAUSE_MILLIS);
        client.disconnect();
        // Neither.
        assertEquals(0, client.connect(server.getLocalPort()));
        client.disconnect();
      }
    }
    assertOwnTimes();
    assertEquals(
        List.of(ConnectionView.REMOTE, ConnectionView.LOCAL, ConnectionView.NOBODY),
        ended.stream().map(Ended::closer).toList());
    Ended first = ended.get(0);
    Ended second = ended.get(1);
    Ended third = ended.get(2);
    long pause = PAUSE_MILLIS * 1_000_000L;
    assertTrue(first.inCloseWait >= pause, first::toString);
    assertEquals(0, first.inFinWait);
    assertEquals(0, second.inCloseWait);
    assertTrue(second.inFinWait >= pause, second::toString);
    assertEquals(0, third.inCloseWait + third.inFinWait);
    assertEquals(third.time - third.established, third.inEstablished);
  }

  @Test
  void aRefusedConnectAndAnotherTry() throws Exception {
    int port;
    try (ServerSocket server = server()) {
      port = server.getLocalPort();
    }
    try (RawSocket client = RawSocket.tcp()) {
      cookie = SocketCookie.cookie(client.fd());
      assertEquals(ECONNREFUSED, client.connect(port));
      try (ServerSocket server = new ServerSocket(port, 9, null)) {
        assertEquals(0, client.connect(port));
        server.accept().close();
        client.awaitEnd();
        client.disconnect();
      }
      assertEquals(ECONNREFUSED, client.connect(port));
    }
    assertOwnTimes();
    assertEquals(List.of(ECONNREFUSED, 0, ECONNREFUSED), ended.stream().map(Ended::error).toList());
    assertEquals(0, ended.get(0).established);
    Ended last = ended.get(2);
    assertEquals(
        new Ended(last.opened, 0, last.time, ConnectionView.NOBODY, ECONNREFUSED, 0, 0, 0, 0, 0),
        last,
        "nothing is left of the connection before");
  }

  /** A mark that goes on counting from there would find retransmits that no program saw. */
  @Test
  void retransmitsAreCountedAnew() throws Exception {
    try (ServerSocket server = server();
        RawSocket client = RawSocket.tcp()) {
      cookie = SocketCookie.cookie(client.fd());
      assertEquals(0, client.connect(server.getLocalPort()));
      client.disconnect();
      Marks.retransmits(cookie, 5);
      assertEquals(0, client.connect(server.getLocalPort()));
      client.disconnect();
    }
    assertOwnTimes();
    assertEquals(0, session.losses().skippedRetransmits());
  }

  @Test
  void anAcceptedSocketConnects() throws Exception {
    try (ServerSocket server = server();
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept();
        ServerSocket other = server()) {
      cookie = Marks.cookieOf(accepted, session);
      // Not to be closed: it is the accepted socket's.
      RawSocket raw = RawSocket.at(Marks.descriptor(cookie));
      raw.disconnect();
      assertEquals(0, raw.connectIpv6(other.getLocalPort()));
      raw.disconnect();
    }
    drain();
    assertEquals(List.of(true, false), ended.stream().map(e -> e.listenerId != 0).toList());
  }

  @Test
  void aTransitionThatNoProgramSawBeginsAnotherConnection() throws Exception {
    try (ServerSocket server = server();
        RawSocket client = RawSocket.tcp()) {
      cookie = SocketCookie.cookie(client.fd());
      connectAndBeClosed(client, server);
      client.disconnect();
      assertEquals(0, client.connect(server.getLocalPort()));
      drain();
      // As if the second connect had been seen by none: the mark still has the first one's end.
      long before = ended.get(0).time;
      Marks.writeEnd(cookie, ConnectionView.REMOTE, before);
      client.shutdownOutput();
      client.disconnect();
      drain();
    }
    Ended second = ended.get(1);
    assertEquals(ConnectionView.REMOTE, ended.get(0).closer);
    assertEquals(ConnectionView.LOCAL, second.closer);
    assertEquals(0, second.inCloseWait);
    assertEquals(1, session.losses().skipped());
  }
}
