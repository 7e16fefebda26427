// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the recordings of the tests; what must be true of each of them is asserted here. */
final class Recorded {
  private Recorded() {}

  /** A recording in which nothing is lost and each socket's transitions make a chain. */
  static TcpRecording read(Path file) throws IOException {
    TcpRecording recording = readWithLosses(file);
    AgainIfSkipped.assertNoneLost(recording);
    assertEquals(List.of(), recording.dataLosses());
    recording.timelines().forEach(Recorded::assertChain);
    return recording;
  }

  /** A recording of an agent that works. */
  static TcpRecording readWithLosses(Path file) throws IOException {
    TcpRecording recording = RecordingReader.read(file);
    assertFalse(recording.agentStates().isEmpty(), "no AgentState");
    for (AgentInfo agent : recording.agentStates()) {
      assertTrue(agent.attached(), agent::reason);
      assertEquals("all", agent.hooks());
      assertEquals("KERNEL", agent.clock());
      assertEquals(0, agent.suppressedErrors(), "suppressed errors");
    }
    for (OpenSiteInfo site : recording.openSites().values()) {
      assertTrue(
          site.stack().stream().noneMatch(frame -> frame.startsWith("dev.tcpstates.agent.")),
          () -> "the agent's own frames: " + site.stack());
    }
    return recording;
  }

  private static void assertChain(SocketTimeline timeline) {
    TcpState state = timeline.transitions().get(0).oldState();
    for (Transition transition : timeline.transitions()) {
      assertEquals(state, transition.oldState(), () -> "a gap in " + states(timeline));
      assertNotEquals(state, transition.newState(), () -> "no transition in " + states(timeline));
      state = transition.newState();
    }
  }

  /** The states a socket went through, from the first to the last. */
  static List<String> states(SocketTimeline timeline) {
    List<String> states = new ArrayList<>();
    states.add(timeline.transitions().get(0).oldState().name());
    timeline.transitions().forEach(transition -> states.add(transition.newState().name()));
    return states;
  }

  /**
   * The timeline of each socket that the workload reported. Fails if one has none, or if there is
   * one of any other socket. The kernel may give a port twice: then the first reported is the
   * first.
   */
  static Map<WorkloadSocket, SocketTimeline> match(
      TcpRecording recording, List<WorkloadSocket> opened) {
    Map<WorkloadSocket, SocketTimeline> matched = new LinkedHashMap<>();
    List<SocketTimeline> others = new ArrayList<>(recording.timelines());
    for (int i = 0; i < opened.size(); i++) {
      WorkloadSocket socket = opened.get(i);
      List<SocketTimeline> own = others.stream().filter(t -> isOf(t, socket)).toList();
      long expected =
          opened.subList(i, opened.size()).stream()
              .filter(t -> t.localPort() == socket.localPort() && t.port() == socket.port())
              .count();
      assertEquals(expected, own.size(), () -> "timelines of " + socket);
      matched.put(socket, own.get(0));
      others.remove(own.get(0));
    }
    assertEquals(List.of(), others, "timelines of other sockets");
    return matched;
  }

  private static boolean isOf(SocketTimeline timeline, WorkloadSocket socket) {
    Transition last = timeline.transitions().get(timeline.transitions().size() - 1);
    return last.localPort() == socket.localPort() && last.port() == socket.port();
  }
}
