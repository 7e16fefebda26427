// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Connections that make no progress though they are established, and those that do. */
class StuckCausesIT {
  private static final Duration LONG = Duration.ofSeconds(2);
  private static final int REQUEST = 52;
  private static final int BODY = 77_000;

  /** More than the socket buffers take. */
  private static final int FLOOD = 100_000_000;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeAll
  static void require() throws Exception {
    KernelTier.require();
  }

  private AgentJvm here(Jdk jdk) {
    return new AgentJvm(jdk, directory)
        .under(hosts.at("here"))
        .options("stuckAfter=2s")
        .record("+tcpstates.StuckSocket#period=500ms");
  }

  private static String key(RecordedEvent event) {
    return event.getInt("localPort") + " > " + event.getInt("port");
  }

  /** The cause by local and remote port; each of a recording's sockets has only one. */
  private static Map<String, String> causes(List<RecordedEvent> events) {
    Map<String, String> causes = new HashMap<>();
    for (RecordedEvent event : events) {
      String cause = event.getString("state") + " " + event.getString("cause");
      assertEquals(cause, causes.getOrDefault(key(event), cause), event::toString);
      causes.put(key(event), cause);
      assertTrue(event.getDuration("stuckFor").compareTo(LONG) >= 0, event::toString);
      assertTrue(event.getDuration("stuckFor").toSeconds() < 60, event::toString);
    }
    return causes;
  }

  @OnEachJdk
  void aPeerThatIsGone(Jdk jdk) throws Exception {
    AgentJvm recorded = here(jdk);
    Ss.Info ss;
    int away;
    int client;
    int silent;
    Path recording;
    Path other = Files.createDirectories(directory.resolve("there"));
    AgentJvm there = new AgentJvm(jdk, other).under(hosts.at("there")).withoutAgent();
    try (TimedShellJvm shell = TimedShellJvm.start(recorded);
        TimedShellJvm server = TimedShellJvm.start(there)) {
      away = server.number("listen L " + TwoHosts.THERE + " 9");
      client = shell.number("bind C");
      shell.run("connect C " + TwoHosts.THERE + " " + away);
      server.run("accept S L");
      silent = shell.number("bind D"); // sends nothing: nobody can know that its peer is gone
      shell.run("connect D " + TwoHosts.THERE + " " + away);
      server.run("accept T L");
      hosts.loseAt("there", 1);
      shell.run("send C " + REQUEST);
      shell.run("sleep 4000");
      ss = Ss.connection(hosts.at("here"), client, away);
      recording = shell.exit().recording();
    }
    List<RecordedEvent> events = Events.of(recording, "StuckSocket");
    assertEquals(Map.of(client + " > " + away, "ESTABLISHED UNACKNOWLEDGED"), causes(events));
    RecordedEvent first = events.get(0);
    assertEquals(REQUEST, first.getLong("sendQueue"));
    assertTrue(first.getInt("retransmits") >= 2, first::toString);
    assertTrue(first.getDuration("stuckFor").toMillis() < 4_000, first::toString);
    RecordedEvent last = events.get(events.size() - 1);
    assertTrue(last.getDuration("stuckFor").toMillis() >= 3_000, last::toString);
    // ss was there just before the end.
    assertTrue(last.getInt("retransmits") >= ss.number("retrans"), last::toString);
    assertTrue(last.getInt("retransmits") <= ss.number("retrans") + 1, last::toString);
    assertEquals(Long.MIN_VALUE, last.getLong("lastReceived"));
    assertTrue(last.getDuration("lastSent").toMillis() < 3_000, last::toString);
    assertEquals(2, events.size(), "one when it is found and one at the end");
  }

  /** As the kernel really does: the connections end when the event has said, with ETIMEDOUT. */
  @OnEachJdk
  void whenTheKernelGivesUp(Jdk jdk) throws Exception {
    // The first timeout is 300 ms, and not the 200 ms by which the kernel calculates its limit of
    // 3 s: it gives up 4.2 s after the first retransmit, and 1.8 s are clearly too early for that.
    hosts.run(
        "here", "ip", "route", "replace", "10.201.0.0/24", "dev", "cable", "rto_min", "300ms");
    hosts.sysctl("here", "tcp_retries2", 3);
    hosts.sysctl("here", "tcp_orphan_retries", 3);
    AgentJvm recorded =
        new AgentJvm(jdk, directory)
            .under(hosts.at("here"))
            .options("stuckAfter=1s")
            .jvm("--add-opens=java.base/java.net=ALL-UNNAMED")
            .jvm("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
            .record("+tcpstates.StuckSocket#period=200ms");
    Path other = Files.createDirectories(directory.resolve("there"));
    AgentJvm there = new AgentJvm(jdk, other).under(hosts.at("there")).withoutAgent();
    Map<String, Integer> ports = new HashMap<>();
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(recorded);
        TimedShellJvm server = TimedShellJvm.start(there)) {
      int away = server.number("listen L " + TwoHosts.THERE + " 9");
      for (String name : List.of("data", "option", "orphan")) {
        ports.put(name, shell.number("bind " + name));
        shell.run("connect " + name + " " + TwoHosts.THERE + " " + away);
        server.run("accept S" + name + " L");
      }
      shell.run("usertimeout option 3000");
      hosts.loseAt("there", 1);
      for (String name : ports.keySet()) {
        shell.run("send " + name + " " + REQUEST);
      }
      shell.run("close orphan");
      shell.run("ended " + away);
      recording = shell.exit().recording();
    }
    List<RecordedEvent> stuck = Events.of(recording, "StuckSocket");
    for (Map.Entry<String, Integer> port : ports.entrySet()) {
      RecordedEvent event = byLocalPort(stuck, port.getValue());
      RecordedEvent end = byLocalPort(Events.of(recording, "Connection"), port.getValue());
      assertEquals("UNACKNOWLEDGED", event.getString("cause"));
      assertEquals("TIMEOUT", end.getString("end"), port.getKey());
      Duration said = event.getDuration("givesUpIn");
      Duration real = Duration.between(event.getStartTime(), end.getEndTime());
      System.out.println(port.getKey() + ": gives up in " + said + ", and did in " + real);
      assertTrue(real.toMillis() > said.toMillis() - 50, port + ": " + said + ", " + real);
      // The kernel's timers are late by up to an eighth of their time (kernel/time/timer.c).
      long latest = said.toMillis() * 9 / 8 + 500;
      assertTrue(real.toMillis() < latest, port + ": " + said + ", " + real);
    }
  }

  private static RecordedEvent byLocalPort(List<RecordedEvent> events, int port) {
    return events.stream().filter(e -> e.getInt("localPort") == port).findFirst().orElseThrow();
  }

  @OnEachJdk
  void bytesThatNobodyReads(Jdk jdk) throws Exception {
    int port;
    Pair unread;
    Pair flooded;
    int unaccepted;
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(here(jdk))) {
      port = shell.number("listen L 127.0.0.1 9");
      unread = Pair.connected(shell, "unread", "L", port);
      shell.run("send Cunread " + BODY);
      shell.run("available Sunread " + BODY);
      flooded = Pair.connected(shell, "flooded", "L", port);
      shell.run("flood Cflooded " + FLOOD);
      unaccepted = shell.number("bind C");
      shell.run("connect C 127.0.0.1 " + port);
      shell.run("sleep 5000");
      shell.run("reset Cflooded"); // ends the sending thread
      recording = shell.exit().recording();
    }
    List<RecordedEvent> events = Events.of(recording, "StuckSocket");
    assertEquals(
        Map.of(
            port + " > " + unread.clientPort(), "ESTABLISHED UNREAD",
            port + " > " + flooded.clientPort(), "ESTABLISHED UNREAD",
            flooded.clientPort() + " > " + port, "ESTABLISHED UNACKNOWLEDGED",
            port + " > " + unaccepted, "ESTABLISHED NOT_ACCEPTED"),
        causes(events));
    for (RecordedEvent event : events) {
      // The full reader's host answers each probe.
      assertEquals(Long.MIN_VALUE, event.getLong("givesUpIn"), event::toString);
      if (event.getInt("port") == unread.clientPort()) {
        assertEquals(BODY, event.getLong("receiveQueue"));
        assertEquals(Long.MIN_VALUE, event.getLong("lastSent"));
        // All bytes came at the beginning, and the event is emitted when it is found, or later.
        assertTrue(event.getDuration("lastReceived").compareTo(LONG) >= 0, event::toString);
      }
    }
  }

  @OnEachJdk
  void whatMakesProgressOrIsIdle(Jdk jdk) throws Exception {
    Path recording;
    try (TimedShellJvm shell = TimedShellJvm.start(here(jdk))) {
      int port = shell.number("listen L 127.0.0.1 9");
      Pair.connected(shell, "idle", "L", port);
      shell.run("send Cidle 100");
      shell.run("receive Sidle 100");
      shell.run("keepalive Cidle"); // a probe each second
      Pair.connected(shell, "slow", "L", port);
      shell.run("flood Cslow " + FLOOD);
      for (int i = 0; i < 12; i++) {
        shell.run("sleep 400");
        shell.run("receive Sslow 200000");
      }
      shell.run("send Cidle 100"); // after a long pause
      shell.run("reset Cslow");
      shell.run("sleep 600"); // time for a report
      recording = shell.exit().recording();
    }
    assertEquals(Map.of(), causes(Events.of(recording, "StuckSocket")));
  }

  /** While the recording goes on, and no chunk has ended. */
  @OnEachJdk
  void theJvmShowsThem(Jdk jdk) throws Exception {
    if (jdk.feature() < 21) {
      return; // no JFR.view
    }
    try (TimedShellJvm shell = TimedShellJvm.start(here(jdk))) {
      int port = shell.number("listen L 127.0.0.1 9");
      for (int i = 0; i < 5; i++) {
        Pair.connected(shell, "" + i, "L", port);
        shell.run("close S" + i);
      }
      shell.run("sleep 4000");
      long pid = shell.running().process().pid();
      String view =
          Tool.jcmd(jdk, pid, "JFR.view", "width=500", "tcpstates.StuckSocket").ok().out();
      long rows = view.lines().filter(line -> line.contains("CLOSE_WAIT")).count();
      assertEquals(5, rows, view);
      shell.exit();
    }
  }
}
