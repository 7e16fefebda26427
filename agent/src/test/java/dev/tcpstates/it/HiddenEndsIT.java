// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.oracle.HiddenSocket;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketTimeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections that end while the kernel keeps the agent's programs from seeing it: each is missing
 * from the recording, and counted there as what was to be recorded of it.
 */
@NeedsBpf
class HiddenEndsIT {
  private static final int SEEN = 5;
  private static final int HIDDEN = 3;

  @TempDir private Path directory;

  /** Connects, hides some of the clients, ends all; returns the hidden ones. */
  private List<Pair> play(TimedShellJvm shell) throws Exception {
    List<Pair> hidden = new ArrayList<>();
    int port = shell.number("listen L 127.0.0.1 9");
    for (int i = 0; i < SEEN + HIDDEN; i++) {
      Pair pair = Pair.connected(shell, "", "L", port);
      if (hidden.size() < HIDDEN && i % 2 == 1) {
        HiddenSocket.hide(shell.running().process().pid(), pair.clientPort(), port);
        hidden.add(pair);
      }
      shell.run("close C");
      shell.run("eof S");
      shell.run("close S");
      shell.run("ended " + port);
    }
    shell.run("close L");
    assertEquals(HIDDEN, hidden.size());
    return hidden;
  }

  @OnEachJdk
  void areCountedAtTheDump(Jdk jdk) throws Exception {
    List<Pair> hidden;
    Connections connections;
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory).record())) {
      hidden = play(shell);
      connections = Connections.of(Recorded.readWithLosses(shell.exit().recording()));
    }
    assertLost(
        Map.of("tcpstates.StateChange", HIDDEN, "tcpstates.Connection", HIDDEN), connections);
    assertEquals(2 * (SEEN + HIDDEN) - HIDDEN, connections.nothingLeftOpen().all().size());
    int incomplete = 0;
    for (SocketTimeline timeline : connections.recording().timelines()) {
      int states = timeline.transitions().size();
      int localPort = timeline.transitions().get(states - 1).localPort();
      boolean isHidden = hidden.stream().anyMatch(pair -> pair.clientPort() == localPort);
      assertEquals(!isHidden, timeline.complete(), () -> Recorded.states(timeline).toString());
      incomplete += isHidden ? 1 : 0;
    }
    assertEquals(HIDDEN, incomplete);
  }

  @OnEachJdk
  void areCountedWithoutStateChange(Jdk jdk) throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).record("+tcpstates.StateChange#enabled=false");
    Connections connections;
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      play(shell);
      connections = Connections.of(Recorded.readWithLosses(shell.exit().recording()));
    }
    assertLost(Map.of("tcpstates.Connection", HIDDEN), connections);
    assertEquals(2 * (SEEN + HIDDEN) - HIDDEN, connections.nothingLeftOpen().all().size());
  }

  @OnEachJdk
  void areCountedWithoutConnection(Jdk jdk) throws Exception {
    AgentJvm jvm = new AgentJvm(jdk, directory).record("+tcpstates.Connection#enabled=false");
    try (TimedShellJvm shell = TimedShellJvm.start(jvm)) {
      play(shell);
      assertLost(
          Map.of("tcpstates.StateChange", HIDDEN),
          Connections.of(Recorded.readWithLosses(shell.exit().recording())));
    }
  }

  /**
   * Of a socket that a recording's settings leave out nothing is lost, nor of what ended before the
   * recording began. The connections are older than the filters, and do nothing until they end.
   */
  @OnEachJdk
  void areCountedOfTheSocketsThatARecordingWants(Jdk jdk) throws Exception {
    Path file = directory.resolve("filtered.jfr");
    try (TimedShellJvm shell = TimedShellJvm.start(new AgentJvm(jdk, directory))) {
      long pid = shell.running().process().pid();
      int changes = shell.number("listen A 127.0.0.1 9");
      int connections = shell.number("listen B 127.0.0.1 9");
      int neither = shell.number("listen N 127.0.0.1 9");
      endHidden(shell, List.of(Pair.connected(shell, "before", "A", changes)));
      List<Pair> pairs =
          List.of(
              Pair.connected(shell, "1", "A", changes),
              Pair.connected(shell, "2", "A", changes),
              Pair.connected(shell, "3", "A", changes),
              Pair.connected(shell, "4", "B", connections),
              Pair.connected(shell, "5", "B", connections),
              Pair.connected(shell, "6", "N", neither));
      Tool.jcmd(
              jdk,
              pid,
              "JFR.start",
              "name=filtered",
              "filename=" + file,
              "+tcpstates.StateChange#remotePorts=" + changes,
              "+tcpstates.Connection#remotePorts=" + connections)
          .ok();
      endHidden(shell, pairs);
      Tool.jcmd(jdk, pid, "JFR.stop", "name=filtered").ok();
      shell.exit();
    }
    assertLost(
        Map.of("tcpstates.StateChange", 3, "tcpstates.Connection", 2),
        Connections.of(Recorded.readWithLosses(file)));
  }

  private static void endHidden(TimedShellJvm shell, List<Pair> pairs) throws Exception {
    long pid = shell.running().process().pid();
    for (Pair pair : pairs) {
      HiddenSocket.hide(pid, pair.clientPort(), pair.serverPort());
      shell.run("close " + pair.client());
      shell.run("eof " + pair.server());
      shell.run("close " + pair.server());
    }
    for (Pair pair : pairs) {
      shell.run("ended " + pair.serverPort());
    }
  }

  private static void assertLost(Map<String, Integer> expected, Connections connections) {
    Map<String, Integer> lost = new TreeMap<>();
    for (Loss loss : connections.recording().losses()) {
      assertEquals("PROGRAM_SKIPPED", loss.reason());
      lost.merge(loss.lostType(), loss.count(), Integer::sum);
    }
    assertEquals(new TreeMap<>(expected), lost);
    List<AgentInfo> states = connections.recording().agentStates();
    assertEquals(
        expected.values().stream().mapToInt(count -> count).sum(),
        states.get(states.size() - 1).lost());
  }
}
