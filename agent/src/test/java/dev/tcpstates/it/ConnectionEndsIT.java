// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which a connection can end, as reported by either side's Connection event. */
class ConnectionEndsIT {
  /** What the client does, and the server after it: then what either side's event must say. */
  private record Ending(String commands, String client, String server) {}

  /** {@code C} and {@code S} are the sides; an end is followed by closer, reason, unread bytes. */
  private static final List<Ending> ENDINGS =
      List.of(
          new Ending("close C, eof S, close S", "FIN LOCAL null 0", "FIN REMOTE null 0"),
          new Ending("close S, eof C, close C", "FIN REMOTE null 0", "FIN LOCAL null 0"),
          new Ending(
              "half C, eof S, transfer S C 10, close S, eof C, close C",
              "FIN LOCAL null 0",
              "FIN REMOTE null 0"),
          new Ending(
              "half C, half S, eof C, eof S, close C, close S",
              "FIN LOCAL null 0",
              "FIN REMOTE null 0"),
          // The FIN is not read, but it is no payload.
          new Ending("close C, sleep 50, close S", "FIN LOCAL null 0", "FIN REMOTE null 0"),
          new Ending(
              "send C 7, available S 7, close S, sleep 50, close C",
              // Java shuts the output down before it closes: the FIN comes before the reset.
              "RESET_BY_REMOTE REMOTE EPIPE 0",
              "RESET_BY_LOCAL LOCAL null 7"),
          // Here the FIN is answered before the reset would be sent: all ends well but for that.
          new Ending(
              "send C 7, close C, available S 7, close S", "FIN LOCAL null 0", "FIN REMOTE null 7"),
          new Ending(
              "send C 7, receive S 3, half C, available S 4, close S, sleep 50, close C",
              "FIN LOCAL null 0",
              "FIN REMOTE null 4"),
          new Ending(
              "reset C, sleep 50, close S",
              "RESET_BY_LOCAL null null 0",
              "RESET_BY_REMOTE null ECONNRESET 0"),
          new Ending(
              "reset S, sleep 50, close C",
              "RESET_BY_REMOTE null ECONNRESET 0",
              "RESET_BY_LOCAL null null 0"),
          // What is unread when the other side resets was thrown away, too.
          new Ending(
              "send C 7, available S 7, reset C, sleep 50, close S",
              "RESET_BY_LOCAL null null 0",
              "RESET_BY_REMOTE null ECONNRESET 7"),
          new Ending(
              "half C, eof S, reset C, sleep 50, close S",
              "RESET_BY_LOCAL LOCAL null 0",
              "RESET_BY_REMOTE REMOTE EPIPE 0"),
          new Ending(
              "half C, eof S, reset S, sleep 50, close C",
              "RESET_BY_REMOTE LOCAL ECONNRESET 0",
              "RESET_BY_LOCAL REMOTE null 0"),
          new Ending(
              "half C, eof S, send S 5, available C 5, close C, sleep 50, close S",
              "RESET_BY_LOCAL LOCAL null 5",
              "RESET_BY_REMOTE REMOTE EPIPE 0"),
          // The client's socket has ended when the TIME_WAIT that took over answers with a reset.
          new Ending(
              "close C, eof S, send S 5, sleep 50, close S",
              "FIN LOCAL null 0",
              "RESET_BY_REMOTE REMOTE EPIPE 0"));

  @TempDir private Path directory;

  /** On the machine's own network, TIME_WAIT may be full: then connections end in another way. */
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk) {
    return new AgentJvm(jdk, directory).under(hosts.at("here"));
  }

  @OnEachJdk
  void finAndReset(Jdk jdk) throws Exception {
    Map<Pair, Ending> pairs = new LinkedHashMap<>();
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (Ending ending : ENDINGS) {
        Pair pair = Pair.connected(shell, "", "L", port);
        for (String command : ending.commands().split(", ")) {
          shell.run(command);
        }
        assertEquals("ended", shell.run("ended " + port).result());
        pairs.put(pair, ending);
      }
      shell.run("close L");
      recording = shell.exit().recording();
    }

    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    assertEquals(2 * ENDINGS.size(), connections.all().size());
    pairs.forEach(
        (pair, ending) -> {
          ConnectionInfo client = connections.client(pair);
          ConnectionInfo server = connections.server(pair);
          assertEquals(ending.client(), end(client), () -> "client: " + ending);
          assertEquals(ending.server(), end(server), () -> "server: " + ending);
          assertEquals(SocketKind.CONNECT, client.kind());
          assertEquals(SocketKind.ACCEPT, server.kind());
          for (ConnectionInfo side : List.of(client, server)) {
            assertTrue(side.established());
            assertEquals("127.0.0.1", side.localAddress());
            assertEquals("127.0.0.1", side.address());
          }
        });
  }

  @OnEachJdk
  void neverAccepted(Jdk jdk) throws Exception {
    int port;
    int gone;
    int waiting;
    int reset;
    int abandoned;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      port = shell.number("listen L 127.0.0.1 2"); // Linux takes one more
      reset = shell.number("bind A");
      shell.run("connect A 127.0.0.1 " + port);
      shell.run("reset A");
      waiting = shell.number("bind B");
      shell.run("connect B 127.0.0.1 " + port);
      gone = shell.number("bind C");
      shell.run("connect C 127.0.0.1 " + port);
      shell.run("close C");
      abandoned = shell.number("bind D");
      assertEquals(
          "SocketTimeoutException", shell.run("connect D 127.0.0.1 " + port + " 300").result());
      shell.run("sleep 200");
      shell.run("close L");
      shell.run("sleep 50");
      shell.run("close B");
      shell.run("ended " + port);
      recording = shell.exit().recording();
    }

    Connections connections = Connections.read(recording).agreeWithTransitions().nothingLeftOpen();
    assertEquals(7, connections.all().size());
    assertEquals("RESET_BY_LOCAL null null 0", end(connections.of(reset, port)));
    assertEquals("RESET_BY_REMOTE null ECONNRESET 0", end(connections.of(port, reset)));
    assertEquals("RESET_BY_REMOTE null ECONNRESET 0", end(connections.of(waiting, port)));
    assertEquals("RESET_BY_LOCAL null null 0", end(connections.of(port, waiting)));
    assertEquals("FIN LOCAL null 0", end(connections.of(gone, port)));
    assertEquals("RESET_BY_LOCAL REMOTE null 0", end(connections.of(port, gone)));
    for (int client : List.of(reset, waiting, gone)) {
      ConnectionInfo child = connections.of(port, client);
      assertTrue(child.established());
      assertFalse(child.accepted());
      // All the time it was there, it was in the queue.
      assertEquals(child.timeEstablished().plus(child.timeCloseWait()), child.acceptQueueWait());
    }
    Duration half = Duration.ofMillis(500);
    assertTrue(connections.of(port, waiting).acceptQueueWait().compareTo(half) >= 0);
    assertTrue(connections.of(port, gone).timeCloseWait().compareTo(half) >= 0);
    ConnectionInfo never = connections.of(abandoned, port);
    assertEquals("ABANDONED null null 0", end(never));
    assertFalse(never.established());
    assertNull(never.handshakeTime());
    assertNull(never.smoothedRtt());
  }

  @OnEachJdk
  void acceptReturnsWhatHasEnded(Jdk jdk) throws Exception {
    int port;
    int client;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record())) {
      port = shell.number("listen L 127.0.0.1 9");
      client = shell.number("bind C");
      shell.run("connect C 127.0.0.1 " + port);
      shell.run("sleep 100");
      shell.run("reset C");
      // At once: the agent has not read the record of the end yet.
      assertEquals(client, shell.number("accept S L"));
      shell.run("close S");
      shell.run("close L");
      recording = shell.exit().recording();
    }

    ConnectionInfo child = Connections.read(recording).agreeWithTransitions().of(port, client);
    assertEquals("RESET_BY_REMOTE null ECONNRESET 0", end(child));
    assertFalse(child.accepted());
    assertEquals(child.timeEstablished(), child.acceptQueueWait());
  }

  private static String end(ConnectionInfo connection) {
    return String.join(
        " ",
        connection.end().name(),
        connection.closedBy(),
        connection.reason(),
        "" + connection.bytesUnread());
  }
}
