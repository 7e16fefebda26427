// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Each way to send and to get a reset, against the workload and the counters of nstat. */
class ResetIT {
  private static final Path FORMAT =
      Path.of("/sys/kernel/tracing/events/tcp/tcp_send_reset/format");

  /** JFR rounds the two ends of an event for itself. */
  private static final long ROUNDING_NANOS = 1_000;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();
  private boolean reasons;

  @BeforeEach
  void connect() throws Exception {
    KernelTier.requireTracefs();
    reasons = Files.readString(FORMAT).contains("reason");
  }

  private AgentJvm jvm(Jdk jdk, String end) throws Exception {
    Path own = Files.createDirectories(directory.resolve(end));
    return new AgentJvm(jdk, own).under(hosts.at(end));
  }

  /** What the kernel says where it says anything. */
  private String because(String reason) {
    return reasons ? reason : null;
  }

  private static List<String> rows(Segments resets) {
    return resets.rows("direction", "state", "reason");
  }

  /** The only event of a connection, which must not be later than its end. */
  private static String only(Segments resets, ConnectionInfo connection) throws Exception {
    Segments own = resets.of(connection);
    assertEquals(1, own.all().size(), () -> own.toString());
    RecordedEvent reset = own.all().get(0);
    assertFalse(
        reset.getStartTime().isAfter(connection.endTime().plusNanos(ROUNDING_NANOS)),
        () -> reset + " is after the end of " + connection);
    assertFalse(reset.getStartTime().isBefore(connection.startTime()));
    return rows(own).get(0);
  }

  /** What nstat calls EstabResets are those out of ESTABLISHED and CLOSE_WAIT, either way. */
  private static long established(Segments resets) {
    Map<String, Long> states = resets.count("state");
    return states.getOrDefault("ESTABLISHED", 0L) + states.getOrDefault("CLOSE_WAIT", 0L);
  }

  @OnEachJdk
  void sentAndReceived(Jdk jdk) throws Exception {
    int port;
    int unread;
    int linger;
    int refused;
    int waiting;
    int waitingPort;
    int closedPort;
    Path here;
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here").record());
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there").record())) {
      port = right.number("listen L " + TwoHosts.THERE + " 9");

      unread = left.number("bind A");
      left.run("connect A " + TwoHosts.THERE + " " + port);
      right.run("accept A L");
      left.run("send A 7");
      right.run("available A 7");
      right.run("close A");
      left.run("sleep 100");
      left.run("close A");

      linger = left.number("bind B");
      left.run("connect B " + TwoHosts.THERE + " " + port);
      right.run("accept B L");
      left.run("reset B");
      right.run("sleep 100");
      right.run("close B");

      closedPort = right.number("listen K " + TwoHosts.THERE + " 9");
      right.run("close K");
      refused = left.number("bind C");
      assertEquals(
          "ConnectException", left.run("connect C " + TwoHosts.THERE + " " + closedPort).result());

      waitingPort = right.number("listen M " + TwoHosts.THERE + " 9");
      waiting = left.number("bind D");
      left.run("connect D " + TwoHosts.THERE + " " + waitingPort);
      right.run("sleep 100");
      right.run("close M");
      left.run("sleep 100");
      left.run("close D");

      right.run("ended " + port);
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    Segments left = Segments.resets(here).sound("TimedShell.bind");
    Segments right = Segments.resets(there).sound("TimedShell.accept", "TimedShell.listen");
    Connections clients = Connections.read(here).agreeWithTransitions().nothingLeftOpen();
    Connections servers = Connections.read(there).agreeWithTransitions().nothingLeftOpen();

    assertEquals("RECEIVED CLOSE_WAIT null", only(left, clients.of(unread, port)));
    // Java has the end sent before it closes, and may have got the answer to that or not.
    String sent = only(right, servers.of(port, unread));
    assertTrue(sent.matches("SENT FIN_WAIT[12] " + because("TCP_ABORT_ON_CLOSE")), sent);
    assertEquals("SENT ESTABLISHED " + because("TCP_STATE"), only(left, clients.of(linger, port)));
    assertEquals("RECEIVED ESTABLISHED null", only(right, servers.of(port, linger)));
    assertEquals("RECEIVED SYN_SENT null", only(left, clients.of(refused, closedPort)));
    assertEquals("RECEIVED ESTABLISHED null", only(left, clients.of(waiting, waitingPort)));
    assertEquals(
        "SENT ESTABLISHED " + because("TCP_STATE"), only(right, servers.of(waitingPort, waiting)));
    assertEquals(
        1, right.of(servers.of(waitingPort, waiting)).sound("TimedShell.listen").all().size());
    assertEquals(4, left.all().size());
    assertEquals(3, right.all().size());

    assertEquals(hosts.counter("here", "TcpOutRsts"), left.with("direction", "SENT").all().size());
    // One more was sent, by no socket.
    assertEquals(
        hosts.counter("there", "TcpOutRsts"), right.with("direction", "SENT").all().size() + 1);
    assertEquals(hosts.counter("here", "TcpEstabResets"), established(left));
    assertEquals(hosts.counter("there", "TcpEstabResets"), established(right));
  }

  /** The server's socket is gone and the client does not know it: its listener answers. */
  @OnEachJdk
  void listenerAnswers(Jdk jdk) throws Exception {
    int port;
    int client;
    Path here;
    Path there;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here").record());
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there").record())) {
      port = right.number("listen L " + TwoHosts.THERE + " 9");
      client = left.number("bind C");
      left.run("connect C " + TwoHosts.THERE + " " + port);
      right.run("accept S L");
      hosts.loseAt("here", 1);
      right.run("reset S");
      hosts.loseNothingAt("here");
      left.run("send C 1");
      left.run("sleep 100");
      left.run("close C");
      right.run("close L");
      here = left.exit().recording();
      there = right.exit().recording();
    }

    Connections clients = Connections.read(here).agreeWithTransitions().nothingLeftOpen();
    assertEquals(
        "RECEIVED ESTABLISHED null", only(Segments.resets(here), clients.of(client, port)));
    Segments sent = Segments.resets(there);
    assertEquals(
        List.of("SENT ESTABLISHED " + because("TCP_STATE"), "SENT LISTEN " + because("TCP_FLAGS")),
        rows(sent));
    RecordedEvent answer = sent.all().get(1);
    assertEquals(
        TwoHosts.THERE + ":" + port + ">" + TwoHosts.HERE + ":" + client, Segments.ends(answer));
    assertTrue(answer.getString("openedBy").contains("TimedShell.listen"));
    ConnectionInfo server = Connections.read(there).of(port, client);
    assertEquals(server.listenerId(), answer.getLong("socketId"));
    assertEquals(0, answer.getLong("listenerId"));
    assertEquals(2, hosts.counter("there", "TcpOutRsts"));
  }

  /** Data that comes when nobody will read it is no reset, though the kernel treats it as one. */
  @OnEachJdk
  void afterClose(Jdk jdk) throws Exception {
    int port;
    int data;
    int reset;
    Path here;
    try (TimedShellJvm left = TimedShellJvm.start(jvm(jdk, "here").record());
        TimedShellJvm right = TimedShellJvm.start(jvm(jdk, "there").record())) {
      port = right.number("listen L " + TwoHosts.THERE + " 9");
      data = left.number("bind A");
      left.run("connect A " + TwoHosts.THERE + " " + port);
      right.run("accept A L");
      reset = left.number("bind B");
      left.run("connect B " + TwoHosts.THERE + " " + port);
      right.run("accept B L");
      hosts.loseAt("there", 1); // the ends that the client sends
      left.run("close A");
      right.run("send A 7");
      left.run("close B");
      right.run("reset B");
      left.run("ended " + port);
      hosts.loseNothingAt("there");
      right.run("close A");
      right.run("close L");
      here = left.exit().recording();
      right.exit();
    }

    Connections clients = Connections.read(here).agreeWithTransitions().nothingLeftOpen();
    Segments resets = Segments.resets(here).sound("TimedShell.bind");
    assertEquals(
        "SENT FIN_WAIT1 " + because("TCP_ABORT_ON_DATA"), only(resets, clients.of(data, port)));
    assertEquals("RECEIVED FIN_WAIT1 null", only(resets, clients.of(reset, port)));
    assertEquals(2, resets.all().size());
    assertEquals(1, hosts.counter("here", "TcpExtTCPAbortOnData"));
  }

  /** No other event is needed for it, not even to know the opener and that the socket has ended. */
  @OnEachJdk
  void alone(Jdk jdk) throws Exception {
    int connections = 50;
    Path here;
    String others =
        "+tcpstates.StateChange#enabled=false,+tcpstates.Connection#enabled=false,"
            + "+tcpstates.Retransmit#enabled=false,+tcpstates.Throughput#enabled=false";
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk, "here").record(others))) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 0; i < connections; i++) {
        shell.begin("bind C");
        shell.begin("connect C 127.0.0.1 " + port);
        shell.begin("accept S L");
        shell.begin("reset C");
        shell.begin("close S");
      }
      shell.run("close L");
      here = shell.exit().recording();
    }

    TcpRecording recording = Recorded.read(here);
    assertEquals(List.of(), recording.timelines());
    assertEquals(List.of(), recording.connections());
    List<AgentInfo> states = recording.agentStates();
    AgentInfo last = states.get(states.size() - 1);
    assertEquals(0, last.openSockets());
    Segments resets = Segments.resets(here).sound("TimedShell.bind", "TimedShell.accept");
    assertEquals(
        Map.of("SENT", (long) connections, "RECEIVED", (long) connections),
        resets.count("direction"));
    assertEquals(
        Map.of("ESTABLISHED", 2L * connections),
        resets.with("openThread", resets.all().get(0).getString("openThread")).count("state"));
    assertEquals(
        2L * connections, resets.all().stream().map(e -> e.getLong("socketId")).distinct().count());
    // Beside the resets, the ends of the sockets and of the listener.
    assertEquals(2L * connections + 2L * connections + 1, last.records());
    assertEquals(connections, hosts.counter("here", "TcpOutRsts"));
  }
}
