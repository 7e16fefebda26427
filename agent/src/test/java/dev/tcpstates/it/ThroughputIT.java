// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Throughput against what was sent, against the Connection events, and against ss. */
class ThroughputIT {
  private static final String OFTEN = "+tcpstates.Throughput#period=100ms";

  /** But for the ends of chunks, never. */
  private static final String AT_DUMPS = "+tcpstates.Throughput#period=1h";

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk) {
    return new AgentJvm(jdk, directory).under(hosts.at("here"));
  }

  /** Bytes each way. */
  private record Moved(long sent, long received) {
    static final Moved NOTHING = new Moved(0, 0);

    static Moved of(RecordedEvent event) {
      return new Moved(event.getLong("bytesSent"), event.getLong("bytesReceived"));
    }

    Moved plus(Moved other) {
      return new Moved(sent + other.sent, received + other.received);
    }

    long all() {
      return sent + received;
    }
  }

  private static Map<Long, Moved> bySocket(List<RecordedEvent> events) {
    Map<Long, Moved> moved = new TreeMap<>();
    events.forEach(event -> moved.merge(event.getLong("socketId"), Moved.of(event), Moved::plus));
    return moved;
  }

  private static Moved sum(List<RecordedEvent> events) {
    return events.stream().map(Moved::of).reduce(Moved.NOTHING, Moved::plus);
  }

  @OnEachJdk
  void aSocketsEventsAddUpToItsConnection(Jdk jdk) throws Exception {
    long there = 0;
    long back = 0;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record(OFTEN))) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 0; i < 6; i++) {
        Pair.connected(shell, Integer.toString(i), "L", port);
      }
      // Some for long, some for one interval, some not at all.
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 5; i++) {
          int bytes = (i + 1) * 100_000 + round;
          assertEquals(bytes, shell.number("transfer C" + i + " S" + i + " " + bytes));
          assertEquals(round, shell.number("transfer S" + i + " C" + i + " " + round));
          there += bytes;
          back += round;
        }
        shell.run("sleep 150");
      }
      for (int i = 0; i < 40; i++) { // many live and end within an interval
        String name = "short" + i;
        Pair.connected(shell, name, "L", port);
        assertEquals(1000 + i, shell.number("transfer C" + name + " S" + name + " " + (1000 + i)));
        there += 1000 + i;
        shell.run((i % 2 == 0 ? "close C" : "reset C") + name);
        shell.run("sleep 1");
        shell.run("close S" + name);
      }
      for (int i = 0; i < 6; i++) {
        shell.run("close C" + i);
        shell.run("eof S" + i);
        shell.run("close S" + i);
      }
      shell.run("ended " + port);
      shell.run("close L");
      recording = shell.exit().recording();
    }
    List<RecordedEvent> events = Events.of(recording, "Throughput");
    Connections connections = Connections.read(recording).nothingLeftOpen();
    assertEquals(2 * 46, connections.all().size());
    Map<Long, Moved> expected = new TreeMap<>();
    for (ConnectionInfo connection : connections.all()) {
      Moved moved = new Moved(connection.bytesSent(), connection.bytesReceived());
      if (moved.all() > 0) {
        expected.put(connection.socketId(), moved);
      }
    }
    assertEquals(2 * 45, expected.size());
    assertEquals(expected, bySocket(events));
    assertEquals(new Moved(there + back, there + back), sum(events));
    for (RecordedEvent event : events) {
      assertEquals(1, event.getInt("sockets"));
      assertTrue(event.getDuration("interval").toMillis() < 20_000, event::toString);
      assertTrue(event.getString("openedBy").contains("TimedShell."), event::toString);
    }
    assertTrue(events.stream().map(RecordedEvent::getStartTime).distinct().count() > 5);
  }

  @OnEachJdk
  void thoseBelowTheTopShareOneEvent(Jdk jdk) throws Exception {
    int top = 3;
    Map<String, Integer> sizes = new LinkedHashMap<>();
    Path recording;
    AgentJvm jvm = jvm(jdk).options("throughputTop=" + top).record(AT_DUMPS);
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 1; i <= 8; i++) {
        String name = Integer.toString(i);
        Pair.connected(shell, name, "L", port);
        int bytes = i * 10_000;
        assertEquals(bytes, shell.number("transfer C" + i + " S" + i + " " + bytes));
        sizes.put(name, bytes);
        if (i == 7) { // one of the busiest has ended
          shell.run("close C7");
          shell.run("eof S7");
          shell.run("close S7");
        }
      }
      recording = shell.exit().recording();
    }
    List<RecordedEvent> events = Events.of(recording, "Throughput");
    List<Long> bytes = new ArrayList<>();
    events.forEach(event -> bytes.add(Moved.of(event).all()));
    assertEquals(List.of(80_000L, 80_000L, 70_000L), bytes.subList(0, top));
    assertEquals(top + 1, events.size());
    RecordedEvent rest = events.get(top);
    assertEquals(0, rest.getLong("socketId"));
    assertNull(rest.getString("localAddress"));
    assertEquals(2 * 8 - top, rest.getInt("sockets"));
    long all = sizes.values().stream().mapToLong(Integer::longValue).sum();
    assertEquals(new Moved(all, all), sum(events));
  }

  @OnEachJdk
  void bytesFromBeforeTheRecordingAreNotReported(Jdk jdk) throws Exception {
    Path file = directory.resolve("late.jfr");
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk))) {
      int port = shell.number("listen L 127.0.0.1 9");
      Pair.connected(shell, "0", "L", port);
      Pair.connected(shell, "1", "L", port);
      assertEquals(500_000, shell.number("transfer C0 S0 500000"));
      assertEquals(500_000, shell.number("transfer C1 S1 500000"));
      long pid = shell.running().process().pid();
      Tool.jcmd(jdk, pid, "JFR.start", "name=late", AT_DUMPS, "filename=" + file).ok();
      assertEquals(4_321, shell.number("transfer C0 S0 4321"));
      assertEquals(1_234, shell.number("transfer C1 S1 1234"));
      shell.run("close C1");
      shell.run("eof S1");
      shell.run("close S1");
      shell.run("ended " + port + "0");
      Tool.jcmd(jdk, pid, "JFR.stop", "name=late").ok();
      shell.exit();
    }
    List<RecordedEvent> events = Events.of(file, "Throughput");
    assertEquals(4, events.size());
    assertEquals(new Moved(4_321 + 1_234, 4_321 + 1_234), sum(events));
  }

  @OnEachJdk
  void whatSsShows(Jdk jdk) throws Exception {
    Ss.Info client;
    Ss.Info server;
    int clientPort;
    int port;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm(jdk).record(AT_DUMPS))) {
      port = shell.number("listen L 127.0.0.1 9");
      Pair pair = Pair.connected(shell, "", "L", port);
      clientPort = pair.clientPort();
      shell.run("flood C 20000000"); // more than all buffers hold
      assertEquals(100_000, shell.number("receive S 100000"));
      shell.run("sleep 500");
      client = Ss.connection(hosts.at("here"), clientPort, port);
      server = Ss.connection(hosts.at("here"), port, clientPort);
      Path file = directory.resolve("dump.jfr");
      Tool.jcmd(jdk, shell.running().process().pid(), "JFR.dump", "filename=" + file).ok();
      recording = file;
      shell.run("reset C");
    }
    Map<Integer, RecordedEvent> events = new TreeMap<>();
    for (RecordedEvent event : Events.of(recording, "Throughput")) {
      assertNull(events.put(event.getInt("localPort"), event));
    }
    assertEquals(2, events.size());
    assertSame(client, events.get(clientPort));
    assertSame(server, events.get(port));
    assertNotEquals(0, server.unread());
    assertNotEquals(0, client.unsent());
    assertEquals(
        client.number("bytes_sent") - client.number("bytes_retrans"),
        events.get(clientPort).getLong("bytesSent"));
    assertEquals(server.number("bytes_received"), events.get(port).getLong("bytesReceived"));
  }

  private static void assertSame(Ss.Info ss, RecordedEvent event) {
    assertEquals("ESTABLISHED", event.getString("state"));
    assertEquals(ss.unread(), event.getLong("receiveQueue"));
    assertEquals(ss.unsent(), event.getLong("sendQueue"));
    assertEquals(ss.number("cwnd"), event.getInt("congestionWindow"));
    assertNotEquals(0, ss.number("cwnd"));
    assertEquals(ss.micros("rtt"), event.getDuration("smoothedRtt").toNanos() / 1_000);
  }
}
