// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The leak report: who stays in a state that others pass through. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StuckSocketIT {
  private static final Duration LONG = Duration.ofSeconds(4);

  /** Else the events that come when a socket becomes stuck would be counted, too. */
  private static final String AT_CHUNK_ENDS = "+tcpstates.StuckSocket#period=endChunk";

  private static final String EARLY = "early.jfr";

  /** A JVM without the option: its half a minute goes by beside the other tests. */
  private static TimedShellJvm waiting;

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  @BeforeAll
  static void startWaiting(@TempDir Path own) throws Exception {
    KernelTier.require();
    waiting = TimedShellJvm.start(new AgentJvm(Jdk.all().get(0), own).record(AT_CHUNK_ENDS));
    int port = waiting.number("listen L 127.0.0.1 9");
    Pair.connected(waiting, "half", "L", port);
    waiting.run("half Chalf");
    waiting.begin("sleep 25000");
    waiting.begin("dump " + EARLY);
    waiting.begin("sleep 6000");
  }

  @AfterAll
  static void stopWaiting() {
    if (waiting != null) {
      waiting.close();
    }
  }

  private AgentJvm jvm(Jdk jdk, String end) throws Exception {
    Path own = Files.createDirectories(directory.resolve(end));
    return new AgentJvm(jdk, own).under(hosts.at(end));
  }

  private static void local(TimedShellJvm shell, int port, String name) throws Exception {
    shell.run("bind C-" + name);
    shell.run("connect C-" + name + " " + TwoHosts.HERE + " " + port);
    shell.run("accept S-" + name + " L");
  }

  @OnEachJdk
  @Order(1)
  void eachDumpHasTheReport(Jdk jdk) throws Exception {
    Process knocking = null;
    AgentJvm recorded = jvm(jdk, "here").options("stuckAfter=4s").record(AT_CHUNK_ENDS);
    try (TimedShellJvm here = TimedShellJvm.start(recorded);
        TimedShellJvm there = TimedShellJvm.start(jvm(jdk, "there").withoutAgent())) {
      int port = here.number("listen L " + TwoHosts.HERE + " 9");
      final int away = there.number("listen L " + TwoHosts.THERE + " 9");
      local(here, port, "established");
      local(here, port, "half");
      here.run("send C-half 7");
      here.run("half C-half"); // FIN_WAIT2 and, with 7 bytes unread, CLOSE_WAIT
      local(here, port, "orphan");
      here.run("close C-orphan"); // not stuck: the kernel ends it; but the other end is, CLOSE_WAIT
      local(here, port, "ended"); // TIME_WAIT
      here.run("close C-ended");
      here.run("eof S-ended");
      here.run("close S-ended");
      for (String name : List.of("last", "first")) {
        here.run("bind " + name);
        here.run("connect " + name + " " + TwoHosts.THERE + " " + away);
        there.run("accept " + name + " L");
      }
      there.run("close last");
      here.run("eof last");
      hosts.loseAt("there", 1);
      here.run("send last 5");
      here.run("close last"); // LAST_ACK with 5 bytes not acknowledged
      here.run("close first"); // FIN_WAIT1, whose FIN is not acknowledged either
      here.run("knock K " + TwoHosts.THERE + " " + away); // SYN_SENT
      knocking = hosts.knock(port); // SYN_RECV, for it never hears our answer
      here.run("sleep 4200");
      local(here, port, "young");
      here.run("half C-young"); // not yet

      Map<String, String> stuck = new TreeMap<>();
      stuck.put("FIN_WAIT2 bind", "0 0");
      stuck.put("CLOSE_WAIT accept", "0 7, 0 0");
      stuck.put("LAST_ACK bind", "5 0");
      stuck.put("FIN_WAIT1 bind", "0 0");
      stuck.put("SYN_SENT knock", "0 0");
      stuck.put("SYN_RECV listen", "0 0");
      Path file = directory.resolve("dump.jfr");
      long pid = here.running().process().pid();
      Tool.jcmd(jdk, pid, "JFR.dump", "filename=" + file).ok();
      assertEquals(stuck, report(file, LONG));

      here.run("sleep 4100");
      Path second = directory.resolve("second.jfr");
      Tool.jcmd(jdk, pid, "JFR.dump", "filename=" + second).ok();
      stuck.put("FIN_WAIT2 bind", "0 0, 0 0");
      stuck.put("CLOSE_WAIT accept", "0 7, 0 0, 0 0");
      assertEquals(stuck, report(second, file, LONG));

      // And so has the recording that ends with the JVM.
      Path atExit = here.exit().recording();
      assertEquals(stuck, report(atExit, second, LONG));
    } finally {
      if (knocking != null) {
        knocking.destroy();
      }
    }
  }

  /** One for both families is IPv6; what comes in by IPv4 is not. */
  @OnEachJdk
  void aHalfOpenConnectionAtAListenerThatIsLeftOut(Jdk jdk) throws Exception {
    Process knocking = null;
    AgentJvm recorded = jvm(jdk, "here").options("stuckAfter=1s,family=4").record(AT_CHUNK_ENDS);
    try (TimedShellJvm here = TimedShellJvm.start(recorded)) {
      int port = here.number("listen L 0.0.0.0 9");
      hosts.knock(port).waitFor(); // so that each end knows where the other is
      here.run("accept A L");
      here.run("close A");
      hosts.loseAt("there", 1);
      knocking = hosts.knock(port);
      here.run("sleep 2000");
      Path atExit = here.exit().recording();
      assertEquals(Map.of("SYN_RECV listen", "0 0"), report(atExit, Duration.ofSeconds(1)));
    } finally {
      if (knocking != null) {
        knocking.destroy();
      }
    }
  }

  private static Map<String, String> report(Path file, Duration least) throws Exception {
    return report(Events.of(file, "StuckSocket"), least);
  }

  /** What the report of one file has more than that of another. */
  private static Map<String, String> report(Path file, Path before, Duration least)
      throws Exception {
    int known = Events.of(before, "StuckSocket").size();
    List<RecordedEvent> events = Events.of(file, "StuckSocket");
    return report(events.subList(known, events.size()), least);
  }

  /** The state and the opening method, and how many bytes are queued, to be sent and to be read. */
  private static Map<String, String> report(List<RecordedEvent> events, Duration least) {
    Map<String, String> report = new TreeMap<>();
    events.stream()
        .sorted(
            (one, two) -> Long.compare(two.getLong("receiveQueue"), one.getLong("receiveQueue")))
        .forEach(
            event -> {
              assertTrue(event.getDuration("timeInState").compareTo(least) >= 0, event::toString);
              assertTrue(event.getDuration("timeInState").toSeconds() < 60, event::toString);
              String method =
                  event.getString("openedBy").replaceAll(".*?TimedShell.(\\w+):.*", "$1");
              report.merge(
                  event.getString("state") + " " + method,
                  event.getLong("sendQueue") + " " + event.getLong("receiveQueue"),
                  (one, two) -> one + ", " + two);
            });
    return report;
  }

  @Test
  @Order(2)
  void byDefaultHalfAMinuteIsLong() throws Exception {
    waiting.end();
    Path recording = waiting.exit().recording();
    assertEquals(Map.of(), report(recording.resolveSibling(EARLY), Duration.ZERO));
    assertEquals(
        Map.of("FIN_WAIT2 bind", "0 0", "CLOSE_WAIT accept", "0 0"),
        report(recording, Duration.ofSeconds(30)));
  }
}
