// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** StateCount against ss, in a network where all sockets are this JVM's. */
class StateCountIT {
  private static final String OFTEN = "+tcpstates.StateCount#period=100ms";

  @TempDir private Path directory;
  @RegisterExtension private final TwoHosts hosts = new TwoHosts();

  private AgentJvm jvm(Jdk jdk, String end) throws Exception {
    Path own = Files.createDirectories(directory.resolve(end));
    return new AgentJvm(jdk, own).under(hosts.at(end));
  }

  /** A time in which ss says the same at its begin and at its end. */
  private record Quiet(Instant from, Instant to, Map<String, Integer> states) {}

  private Quiet quiet() throws Exception {
    while (true) {
      Map<String, Integer> before = Ss.states(hosts.at("here"));
      Instant from = Instant.now();
      Thread.sleep(600);
      Instant to = Instant.now();
      if (Ss.states(hosts.at("here")).equals(before)) {
        return new Quiet(from, to, before);
      }
    }
  }

  /** The events of a quiet time say what ss says. */
  private static void assertSame(Quiet quiet, Path recording) throws Exception {
    List<RecordedEvent> counts =
        Events.of(recording, "StateCount").stream()
            .filter(count -> count.getStartTime().isAfter(quiet.from))
            .filter(count -> count.getStartTime().isBefore(quiet.to))
            .toList();
    assertTrue(counts.size() >= 2, "events: " + counts.size());
    counts.forEach(count -> assertEquals(quiet.states, Events.states(count)));
  }

  @OnEachJdk
  void everyState(Jdk jdk) throws Exception {
    Process knocking = null;
    try (TimedShellJvm here = TimedShellJvm.start(jvm(jdk, "here").record(OFTEN));
        TimedShellJvm there = TimedShellJvm.start(jvm(jdk, "there").withoutAgent())) {
      int port = here.number("listen L " + TwoHosts.HERE + " 9");
      final int away = there.number("listen L " + TwoHosts.THERE + " 9");
      local(here, port, "established");
      local(here, port, "half");
      here.run("half C-half"); // FIN_WAIT2 and CLOSE_WAIT
      local(here, port, "orphan");
      here.run("close C-orphan"); // to ss FIN_WAIT2, to the kernel a kind of TIME_WAIT; CLOSE_WAIT
      for (int i = 0; i < 3; i++) { // TIME_WAIT
        local(here, port, "ended" + i);
        here.run("close C-ended" + i);
        here.run("eof S-ended" + i);
        here.run("close S-ended" + i);
      }
      local(here, port, "reset"); // leaves nothing
      here.run("reset C-reset");
      here.run("sleep 100");
      here.run("close S-reset");
      for (String name : List.of("last", "first", "both")) {
        here.run("bind " + name);
        here.run("connect " + name + " " + TwoHosts.THERE + " " + away);
        there.run("accept " + name + " L");
      }
      there.run("close last");
      here.run("eof last");
      hosts.loseAt("there", 1);
      here.run("close last"); // LAST_ACK
      here.run("close first"); // FIN_WAIT1
      here.run("close both");
      there.run("close both"); // CLOSING
      here.run("knock K " + TwoHosts.THERE + " " + away); // SYN_SENT
      knocking = hosts.knock(port); // SYN_RECV
      Map<String, Integer> expected = new TreeMap<>();
      expected.put("LISTEN", 1);
      expected.put("ESTABLISHED", 2);
      expected.put("FIN_WAIT2", 2);
      expected.put("CLOSE_WAIT", 2);
      expected.put("TIME_WAIT", 3);
      expected.put("LAST_ACK", 1);
      expected.put("FIN_WAIT1", 1);
      expected.put("CLOSING", 1);
      expected.put("SYN_SENT", 1);
      expected.put("SYN_RECV", 1);
      Events.await("SYN", () -> states().containsKey("SYN_RECV"));
      Quiet quiet = quiet();
      assertEquals(expected, quiet.states, "ss");
      AgentJvm.Result result = here.exit();
      assertSame(quiet, result.recording());
      assertEquals("", result.err().lines().skip(1).reduce("", String::concat));
    } finally {
      if (knocking != null) {
        knocking.destroy();
      }
    }
  }

  private Map<String, Integer> states() {
    try {
      return Ss.states(hosts.at("here"));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void local(TimedShellJvm shell, int port, String name) throws Exception {
    shell.run("bind C-" + name);
    shell.run("connect C-" + name + " " + TwoHosts.HERE + " " + port);
    shell.run("accept S-" + name + " L");
  }

  /** What ended while nothing was recorded is still there. */
  @OnEachJdk
  void timeWaitFromBeforeTheRecording(Jdk jdk) throws Exception {
    Path file = directory.resolve("late.jfr");
    try (TimedShellJvm here = TimedShellJvm.start(jvm(jdk, "here"))) {
      int port = here.number("listen L " + TwoHosts.HERE + " 9");
      for (int i = 0; i < 20; i++) {
        local(here, port, "ended" + i);
        here.run("close C-ended" + i);
        here.run("eof S-ended" + i);
        here.run("close S-ended" + i);
      }
      local(here, port, "orphan");
      here.run("close C-orphan");
      Thread.sleep(300); // nobody hurries while nothing is recorded
      long pid = here.running().process().pid();
      Tool.jcmd(jdk, pid, "JFR.start", "name=late", OFTEN, "filename=" + file).ok();
      Quiet quiet = quiet();
      assertEquals(
          Map.of("LISTEN", 1, "TIME_WAIT", 20, "FIN_WAIT2", 1, "CLOSE_WAIT", 1), quiet.states);
      Tool.jcmd(jdk, pid, "JFR.stop", "name=late").ok();
      assertSame(quiet, file);
      here.exit();
    }
  }

  /** Another process of the same network, with sockets in all states that last. */
  @OnEachJdk
  void nobodyElses(Jdk jdk) throws Exception {
    Process knocking = null;
    Path others = Files.createDirectories(directory.resolve("other"));
    AgentJvm other = new AgentJvm(jdk, others).under(hosts.at("here")).withoutAgent();
    try (TimedShellJvm here = TimedShellJvm.start(jvm(jdk, "here").record(OFTEN));
        TimedShellJvm foreigner = TimedShellJvm.start(other)) {
      for (TimedShellJvm shell : List.of(here, foreigner)) {
        int port = shell.number("listen L " + TwoHosts.HERE + " 9");
        local(shell, port, "half");
        shell.run("half C-half");
        for (int i = 0; i < (shell == here ? 2 : 5); i++) {
          local(shell, port, "ended" + i);
          shell.run("close C-ended" + i);
          shell.run("eof S-ended" + i);
          shell.run("close S-ended" + i);
        }
        if (shell == foreigner) {
          local(shell, port, "orphan");
          shell.run("close C-orphan");
          hosts.loseAt("there", 1);
          knocking = hosts.knock(port);
          Events.await("SYN", () -> states().containsKey("SYN_RECV"));
        }
      }
      Map<String, Integer> own =
          Map.of("LISTEN", 1, "FIN_WAIT2", 1, "CLOSE_WAIT", 1, "TIME_WAIT", 2);
      Quiet quiet = quiet();
      assertEquals(7, quiet.states.get("TIME_WAIT"), "ss");
      assertSame(new Quiet(quiet.from, quiet.to, own), here.exit().recording());
    } finally {
      if (knocking != null) {
        knocking.destroy();
      }
    }
  }

  /** Sockets that are older than the agent, and TIME_WAIT of those that ended after it came. */
  @OnEachJdk
  void afterAttach(Jdk jdk) throws Exception {
    Path file = directory.resolve("attached.jfr");
    try (TimedShellJvm here = TimedShellJvm.start(jvm(jdk, "here").withoutAgent())) {
      int port = here.number("listen L " + TwoHosts.HERE + " 9");
      local(here, port, "stays");
      local(here, port, "half");
      here.run("half C-half");
      local(here, port, "ends");
      here.run("bind C-waits");
      here.run("connect C-waits " + TwoHosts.HERE + " " + port);
      long pid = here.running().process().pid();
      Tool.agent(jdk, "attach", Long.toString(pid)).ok();
      here.run("accept S-waits L");
      here.run("close C-ends");
      here.run("eof S-ends");
      here.run("close S-ends");
      Tool.jcmd(jdk, pid, "JFR.start", "name=late", OFTEN, "filename=" + file).ok();
      Quiet quiet = quiet();
      assertEquals(
          Map.of("LISTEN", 1, "ESTABLISHED", 4, "FIN_WAIT2", 1, "CLOSE_WAIT", 1, "TIME_WAIT", 1),
          quiet.states);
      Tool.jcmd(jdk, pid, "JFR.stop", "name=late").ok();
      assertSame(quiet, file);
      here.exit();
    }
  }

  /**
   * After lost records all counts are right but that of TIME_WAIT, whose owner only the records
   * have.
   */
  @OnEachJdk
  void afterLosses(Jdk jdk) throws Exception {
    try (Shell here = Shell.start(jvm(jdk, "here").options("ringSize=4KB").record(OFTEN))) {
      here.run("load 8");
      here.run("more 5000");
      here.run("unload");
      int server = here.number("listen server");
      here.run("connect client " + server);
      here.run("accept accepted server");
      here.run("connect half " + server);
      here.run("accept halfAccepted server");
      here.run("half half");
      Quiet quiet = quiet();
      Path recording = here.end().recording();
      assertFalse(Events.of(recording, "RecordsLost").isEmpty(), "nothing was lost");
      Map<String, Integer> left = new TreeMap<>(quiet.states);
      final int timeWait = left.remove("TIME_WAIT");
      assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 2, "FIN_WAIT2", 1, "CLOSE_WAIT", 1), left);
      int quietEvents = 0;
      for (RecordedEvent count : Events.of(recording, "StateCount")) {
        if (count.getStartTime().isAfter(quiet.from) && count.getStartTime().isBefore(quiet.to)) {
          Map<String, Integer> states = Events.states(count);
          Integer counted = states.remove("TIME_WAIT");
          assertEquals(left, states);
          assertTrue(counted == null || counted <= timeWait, counted + " of " + timeWait);
          quietEvents++;
        }
      }
      assertTrue(quietEvents >= 2, "events: " + quietEvents);
    }
  }
}
