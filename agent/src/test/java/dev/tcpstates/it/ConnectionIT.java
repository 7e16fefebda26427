// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What Connection events count and time, against the workload and against ss. */
class ConnectionIT {
  private static final int PART = 100_000;
  private static final int MUCH = 5_000_000;
  private static final List<Integer> SIZES = List.of(0, 1, PART, MUCH);

  @TempDir private Path directory;

  /** On the machine's own network, TIME_WAIT may be full: then connections end in another way. */
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk) {
    return new AgentJvm(jdk, directory).under(hosts.at("here"));
  }

  /** How much went each way, how it ended, and what ss said of the sides before that. */
  private record Transfer(int there, int back, boolean fin, Ss.Info client, Ss.Info server) {}

  @OnEachJdk
  void bytesSegmentsAndRtt(Jdk jdk) throws Exception {
    Map<Pair, Transfer> transfers = new LinkedHashMap<>();
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (boolean fin : List.of(true, false)) {
        for (int there : SIZES) {
          for (int back : SIZES) {
            Pair pair = Pair.connected(shell, "", "L", port);
            assertEquals(there, shell.number("transfer C S " + there));
            assertEquals(back, shell.number("transfer S C " + back));
            shell.run("sleep 60"); // the last acknowledgement may be delayed by 40 ms
            Ss.Info client = Ss.connection(hosts.at("here"), pair.clientPort(), port);
            Ss.Info server = Ss.connection(hosts.at("here"), port, pair.clientPort());
            shell.run(fin ? "close C" : "reset C");
            shell.run("sleep 60");
            shell.run("close S");
            shell.run("ended " + port);
            transfers.put(pair, new Transfer(there, back, fin, client, server));
          }
        }
      }
      shell.run("close L");
      recording = shell.exit().recording();
    }

    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    assertEquals(2 * transfers.size(), connections.all().size());
    transfers.forEach(
        (pair, transfer) -> {
          ConnectionInfo client = connections.client(pair);
          ConnectionInfo server = connections.server(pair);
          assertBytes(transfer.there, transfer.back, transfer.client, client);
          assertBytes(transfer.back, transfer.there, transfer.server, server);
          // A FIN and its acknowledgement each way, of which the client's socket, in TIME_WAIT,
          // has only its own. Or the reset that the server receives.
          assertSegments(transfer.fin ? 1 : 0, transfer.fin ? 1 : 0, transfer.client, client);
          assertSegments(transfer.fin ? 2 : 0, transfer.fin ? 2 : 1, transfer.server, server);
          if (!transfer.fin) {
            assertRtt(transfer.client, client);
            assertRtt(transfer.server, server);
          }
        });
  }

  private static void assertBytes(int sent, int received, Ss.Info ss, ConnectionInfo event) {
    assertEquals(sent, event.bytesSent(), event::toString);
    assertEquals(received, event.bytesReceived(), event::toString);
    assertEquals(0, event.bytesUnread(), event::toString);
    assertEquals(ss.number("bytes_sent") - ss.number("bytes_retrans"), event.bytesSent());
    assertEquals(ss.number("bytes_received"), event.bytesReceived());
    assertEquals(ss.number("bytes_retrans"), event.bytesRetransmitted());
    assertEquals(ss.number("retrans"), event.retransmits());
  }

  private static void assertSegments(int sent, int received, Ss.Info ss, ConnectionInfo event) {
    assertEquals(ss.number("segs_out") + sent, event.segmentsSent(), () -> ss + " " + event);
    assertEquals(ss.number("segs_in") + received, event.segmentsReceived(), () -> ss + " " + event);
  }

  /** To the microsecond, which is what ss shows; only where no later segment was measured. */
  private static void assertRtt(Ss.Info ss, ConnectionInfo event) {
    assertNotEquals(0, ss.micros("rtt"));
    assertEquals(ss.micros("rtt"), event.smoothedRtt().toNanos() / 1_000, event::toString);
    assertEquals(ss.micros("minrtt"), event.minimumRtt().toNanos() / 1_000, event::toString);
  }

  @OnEachJdk
  void resetInTheMiddle(Jdk jdk) throws Exception {
    Pair pair;
    Ss.Info client;
    Ss.Info server;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      int port = shell.number("listen L 127.0.0.1 9");
      pair = Pair.connected(shell, "", "L", port);
      shell.run("flood C 20000000"); // more than all buffers hold
      assertEquals(PART, shell.number("receive S " + PART));
      shell.run("sleep 500");
      client = Ss.connection(hosts.at("here"), pair.clientPort(), port);
      server = Ss.connection(hosts.at("here"), port, pair.clientPort());
      shell.run("close S");
      shell.run("ended " + port);
      shell.run("close C");
      shell.run("close L");
      recording = shell.exit().recording();
    }

    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    ConnectionInfo sender = connections.client(pair);
    ConnectionInfo receiver = connections.server(pair);
    assertEquals(ConnectionEnd.RESET_BY_REMOTE, sender.end());
    assertEquals(ConnectionEnd.RESET_BY_LOCAL, receiver.end());
    assertEquals(client.number("bytes_sent") - client.number("bytes_retrans"), sender.bytesSent());
    assertEquals(server.number("bytes_received"), receiver.bytesReceived());
    assertEquals(receiver.bytesReceived() - PART, receiver.bytesUnread());
    assertEquals(server.unread(), receiver.bytesUnread());
    assertTrue(receiver.bytesReceived() > PART);
    assertTrue(sender.bytesSent() >= receiver.bytesReceived());
    assertEquals(0, receiver.bytesSent());
    assertEquals(0, sender.bytesReceived());
    assertEquals(0, sender.bytesUnread());
  }

  @OnEachJdk
  void timesAreBetweenTheWorkloads(Jdk jdk) throws Exception {
    Path recording;
    int port;
    int clientPort;
    TimedShellJvm.Done connect;
    TimedShellJvm.Done accept;
    TimedShellJvm.Done halfClose;
    TimedShellJvm.Done close;
    TimedShellJvm.Done ended;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      port = shell.number("listen L 127.0.0.1 9");
      clientPort = shell.number("bind C");
      connect = shell.run("connect C 127.0.0.1 " + port);
      shell.run("sleep 200");
      accept = shell.run("accept S L");
      shell.run("sleep 150");
      halfClose = shell.run("half C");
      shell.run("sleep 100");
      close = shell.run("close S");
      ended = shell.run("ended " + port);
      shell.run("close C");
      shell.run("close L");
      recording = shell.exit().recording();
    }

    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    ConnectionInfo client = connections.of(clientPort, port);
    ConnectionInfo server = connections.of(port, clientPort);
    assertWithin(1, connect.after() - connect.before(), client.handshakeTime());
    assertWithin(1, connect.after() - connect.before(), server.handshakeTime());
    assertTrue(server.accepted());
    assertWithin(
        accept.before() - connect.after(),
        accept.after() - connect.before(),
        server.acceptQueueWait());
    assertTrue(server.acceptQueueWait().compareTo(Duration.ofMillis(200)) >= 0);
    assertNull(client.acceptQueueWait());
    for (ConnectionInfo side : List.of(client, server)) {
      assertWithin(
          halfClose.before() - connect.after(),
          halfClose.after() - connect.before(),
          side.timeEstablished());
      assertTrue(side.timeEstablished().compareTo(Duration.ofMillis(350)) >= 0);
      assertWithin(
          close.before() - connect.after(),
          ended.after() - connect.before(),
          Duration.between(side.startTime(), side.endTime()));
    }
    long halfClosed = close.before() - halfClose.after();
    assertTrue(halfClosed >= 100_000_000);
    assertWithin(halfClosed, close.after() - halfClose.before(), server.timeCloseWait());
    assertWithin(halfClosed, ended.after() - halfClose.before(), client.timeFinWait());
    assertWithin(1, ended.after() - close.before(), server.timeLastAck());
    assertEquals(Duration.ZERO, client.timeCloseWait());
    assertEquals(Duration.ZERO, client.timeLastAck());
    assertEquals(Duration.ZERO, server.timeFinWait());
  }

  private static void assertWithin(long least, long most, Duration actual) {
    long nanos = actual.toNanos();
    assertTrue(least <= nanos && nanos <= most, least + " <= " + nanos + " <= " + most);
  }

  @OnEachJdk
  void thresholdSelectsByLifetime(Jdk jdk) throws Exception {
    Pair slow;
    Path recording;
    AgentJvm jvm = jvm(jdk).record("+tcpstates.Connection#threshold=1s");
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      int port = shell.number("listen L 127.0.0.1 9");
      quickly(shell, port);
      slow = Pair.connected(shell, "", "L", port);
      shell.run("sleep 1100");
      end(shell, port);
      quickly(shell, port);
      shell.run("close L");
      recording = shell.exit().recording();
    }
    Connections connections = Connections.read(recording);
    assertEquals(7, connections.recording().timelines().size());
    assertEquals(2, connections.all().size());
    connections.client(slow);
    connections.server(slow);
  }

  @OnEachJdk
  void withoutStateChange(Jdk jdk) throws Exception {
    int connectionsMade = 20;
    Path recording;
    AgentJvm jvm = jvm(jdk).record("+tcpstates.StateChange#enabled=false");
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 0; i < connectionsMade; i++) {
        quickly(shell, port);
      }
      shell.run("close L");
      recording = shell.exit().recording();
    }
    Connections connections = Connections.of(Recorded.readWithLosses(recording)).nothingLeftOpen();
    assertEquals(0, connections.recording().timelines().size());
    // Some kernels run no program on top of certain tasks: what they hide so is counted.
    int lost = 0;
    for (Loss loss : connections.recording().losses()) {
      assertEquals("PROGRAM_SKIPPED", loss.reason());
      lost += loss.lostType().equals("tcpstates.Connection") ? loss.count() : 0;
    }
    assertEquals(2 * connectionsMade, connections.all().size() + lost);
    List<ConnectionInfo> accepted =
        connections.all().stream().filter(c -> c.kind() == SocketKind.ACCEPT).toList();
    assertTrue(connectionsMade - lost <= accepted.size() && accepted.size() <= connectionsMade);
    assertEquals(1, accepted.stream().map(ConnectionInfo::listenerId).distinct().count());
    assertTrue(accepted.stream().allMatch(ConnectionInfo::accepted));
  }

  private static void quickly(TimedShellJvm shell, int port) throws Exception {
    Pair.connected(shell, "", "L", port);
    end(shell, port);
  }

  private static void end(TimedShellJvm shell, int port) throws Exception {
    shell.run("close C");
    shell.run("eof S");
    shell.run("close S");
    shell.run("ended " + port);
  }
}
