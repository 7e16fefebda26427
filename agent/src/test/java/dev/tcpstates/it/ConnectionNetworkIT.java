// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What Connection events report on a network that loses packets, falls silent or leads nowhere. */
class ConnectionNetworkIT {
  private static final int MUCH = 3_000_000;

  /** The network of the documentation (RFC 5737): nobody has it. */
  private static final String NOWHERE = "192.0.2.1";

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk, String end) throws Exception {
    Path own = Files.createDirectories(directory.resolve(end));
    return new AgentJvm(jdk, own).under(hosts.at(end)).record();
  }

  @OnEachJdk
  void retransmits(Jdk jdk) throws Exception {
    Path here;
    Path there;
    int clientPort;
    int port;
    Ss.Info client;
    long sentHere;
    long sentThere;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      port = right.number("listen L " + TwoHosts.THERE + " 9");
      clientPort = left.number("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.lose(0.03);
      sentHere = sendUntilLost("here", left, "C", right, "S");
      sentThere = sendUntilLost("there", right, "S", left, "C");
      hosts.loseNothing();
      left.run("sleep 1000"); // nothing is on its way any more
      client = Ss.connection(hosts.at("here"), clientPort, port);
      left.run("close C");
      right.run("eof S");
      right.run("close S");
      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    ConnectionInfo sent = only(here);
    ConnectionInfo received = only(there);
    assertNotEquals(0, sent.retransmits());
    assertNotEquals(0, received.retransmits());
    assertEquals(hosts.counter("here", "TcpRetransSegs"), sent.retransmits());
    assertEquals(hosts.counter("there", "TcpRetransSegs"), received.retransmits());
    assertEquals(client.number("bytes_retrans"), sent.bytesRetransmitted());
    assertNotEquals(0, sent.bytesRetransmitted());
    assertEquals(sentHere, sent.bytesSent());
    assertEquals(sentThere, sent.bytesReceived());
    assertEquals(sentThere, received.bytesSent());
    assertEquals(sentHere, received.bytesReceived());
    assertEquals(ConnectionEnd.FIN, sent.end());
    assertEquals(ConnectionEnd.FIN, received.end());
  }

  /** Chance may spare all segments of one sending. Returns how many bytes were sent. */
  private long sendUntilLost(
      String end, TimedShellJvm from, String socket, TimedShellJvm to, String other)
      throws Exception {
    long sent = 0;
    do {
      to.begin("receive " + other + " " + MUCH);
      from.run("send " + socket + " " + MUCH);
      assertEquals(MUCH, to.end().number());
      sent += MUCH;
    } while (hosts.counter(end, "TcpRetransSegs") == 0 && sent < 100 * MUCH);
    return sent;
  }

  private static ConnectionInfo only(Path recording) throws Exception {
    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    assertEquals(1, connections.all().size());
    return connections.all().get(0);
  }

  @OnEachJdk
  void firstSynIsLost(Jdk jdk) throws Exception {
    Path here;
    TimedShellJvm.Done connect;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      hosts.lose(1);
      left.begin("connect C " + TwoHosts.THERE + " " + port);
      Events.await("SYN", () -> hosts.counter("here", "TcpActiveOpens") == 1);
      hosts.loseNothing();
      connect = left.end();
      assertEquals("connected", connect.result());
      left.run("reset C");
      here = left.exit().recording();
    }
    ConnectionInfo client = only(here);
    assertEquals(1, client.retransmits());
    assertEquals(1, hosts.counter("here", "TcpRetransSegs"));
    assertEquals(0, client.bytesRetransmitted());
    Duration most = Duration.ofNanos(connect.after() - connect.before());
    assertTrue(client.handshakeTime().compareTo(most) <= 0);
    // The kernel waits for a second before it sends the second SYN (RFC 6298).
    assertTrue(client.handshakeTime().compareTo(Duration.ofMillis(900)) >= 0);
  }

  @OnEachJdk
  void attempts(Jdk jdk) throws Exception {
    Path here;
    int unbound;
    int refused;
    int timedOut;
    int abandoned;
    int unreachable;
    hosts.sysctl("here", "tcp_syn_retries", 1);
    hosts.sysctl("here", "tcp_syn_linear_timeouts", 0);
    // To the first address, the other end answers "unreachable"; to the second, there is no route.
    hosts.run("here", "ip", "route", "add", NOWHERE, "via", TwoHosts.THERE);
    hosts.sysctl("there", "ip_forward", 1);
    hosts.run("there", "ip", "route", "add", "unreachable", NOWHERE);
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"))) {
      unbound = left.number("bind U"); // a port that nobody listens at
      refused = left.number("bind A");
      assertEquals("ConnectException", left.run("connect A 127.0.0.1 " + unbound).result());
      unreachable = left.number("bind B");
      assertEquals("NoRouteToHostException", left.run("connect B " + NOWHERE + " 80").result());
      left.run("bind C");
      hosts.run("here", "ip", "route", "add", "unreachable", "198.51.100.1");
      assertEquals("NoRouteToHostException", left.run("connect C 198.51.100.1 80").result());
      hosts.lose(1);
      timedOut = left.number("bind D");
      assertEquals("ConnectException", left.run("connect D " + TwoHosts.THERE + " 80").result());
      abandoned = left.number("bind E");
      assertEquals(
          "SocketTimeoutException", left.run("connect E " + TwoHosts.THERE + " 80 300").result());
      here = left.exit().recording();
    }

    Connections connections = Connections.read(here).agreeWithTransitions();
    assertEquals("REFUSED ECONNREFUSED", end(connections.of(refused, unbound)));
    assertEquals("UNREACHABLE EHOSTUNREACH", end(connections.of(unreachable, 80)));
    assertEquals("TIMEOUT ETIMEDOUT", end(connections.of(timedOut, 80)));
    assertEquals("ABANDONED null", end(connections.of(abandoned, 80)));
    // It has no transition, so its local port is not recorded.
    assertEquals("UNREACHABLE EHOSTUNREACH", end(connections.of(0, 80)));
    assertEquals(5, connections.all().size());
    long retransmits = 0;
    for (ConnectionInfo attempt : connections.all()) {
      assertFalse(attempt.established());
      assertNull(attempt.closedBy());
      assertEquals(SocketKind.CONNECT, attempt.kind());
      assertNull(attempt.handshakeTime());
      assertEquals(0, attempt.bytesSent());
      assertEquals(0, attempt.bytesReceived());
      assertEquals(0, attempt.bytesUnread());
      retransmits += attempt.retransmits();
    }
    assertEquals(1, connections.of(timedOut, 80).retransmits());
    assertEquals(hosts.counter("here", "TcpRetransSegs"), retransmits);
  }

  @OnEachJdk
  void silence(Jdk jdk) throws Exception {
    Path here;
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      left.run("keepalive C");
      hosts.lose(1);
      assertEquals("SocketException", left.run("eof C").result());
      left.run("close C");
      hosts.loseNothing();
      // The other side does not know yet.
      right.run("send S 1");
      assertEquals("SocketException", right.run("eof S").result());
      right.run("close S");
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }
    ConnectionInfo client = only(here);
    assertEquals("TIMEOUT ETIMEDOUT", end(client));
    assertNull(client.closedBy());
    assertTrue(client.timeEstablished().compareTo(Duration.ofSeconds(2)) >= 0);
    ConnectionInfo server = only(there);
    assertEquals("RESET_BY_REMOTE ECONNRESET", end(server));
    assertNull(server.closedBy());
    assertEquals(1, server.bytesSent());
  }

  @OnEachJdk
  void bothCloseAtOnce(Jdk jdk) throws Exception {
    Path here;
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.lose(1); // neither sees the other's FIN before it has sent its own
      left.run("close C");
      right.run("close S");
      hosts.loseNothing();
      left.run("ended " + port);
      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }
    for (ConnectionInfo side : List.of(only(here), only(there))) {
      assertEquals("FIN null", end(side));
      assertEquals("LOCAL", side.closedBy());
      assertEquals(Duration.ZERO, side.timeCloseWait());
    }
    assertEquals(hosts.counter("here", "TcpRetransSegs"), only(here).retransmits());
    assertEquals(hosts.counter("there", "TcpRetransSegs"), only(there).retransmits());
  }

  @OnEachJdk
  void resetBeforeTheFinIsAnswered(Jdk jdk) throws Exception {
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      int port = right.number("listen L " + TwoHosts.THERE + " 9");
      left.run("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      left.run("send C 7");
      left.run("close C");
      right.run("available S 7");
      right.run("sleep 100"); // the FIN comes right behind
      hosts.lose(1);
      right.run("close S"); // sends a FIN and then, for what is unread, a reset
      right.run("ended " + port);
      right.run("close L");
      there = right.exit().recording();
    }
    ConnectionInfo server = only(there);
    assertEquals("RESET_BY_LOCAL null", end(server));
    assertEquals("REMOTE", server.closedBy());
    assertEquals(7, server.bytesUnread());
    assertEquals(1, hosts.counter("there", "TcpOutRsts"));
  }

  @OnEachJdk
  void otherSideExits(Jdk jdk) throws Exception {
    Path there;
    int open;
    int unread;
    int port;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here"));
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there"))) {
      port = right.number("listen L " + TwoHosts.THERE + " 9");
      open = left.number("bind A");
      left.run("connect A " + TwoHosts.THERE + " " + port);
      right.run("accept A L");
      unread = left.number("bind B");
      left.run("connect B " + TwoHosts.THERE + " " + port);
      right.run("accept B L");
      right.run("send B 3");
      left.run("available B 3");
      left.exit();
      right.run("eof A");
      right.run("close A");
      assertEquals("SocketException", right.run("eof B").result());
      right.run("close B");
      right.run("ended " + port);
      right.run("close L");
      there = right.exit().recording();
    }
    Connections connections = Connections.read(there).agreeWithTransitions().nothingLeftOpen();
    assertEquals(2, connections.all().size());
    assertEquals("FIN null", end(connections.of(port, open)));
    assertEquals("REMOTE", connections.of(port, open).closedBy());
    assertEquals("RESET_BY_REMOTE ECONNRESET", end(connections.of(port, unread)));
    assertNull(connections.of(port, unread).closedBy());
  }

  private static String end(ConnectionInfo connection) {
    return connection.end() + " " + connection.reason();
  }
}
