// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tcpstates.it.workload.ExitSeven;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A JDK that lacks a hooked method: one line says so, every transition is recorded all the same,
 * and those sockets' opener is said to be unknown. All other sockets are as ever.
 */
class MissingHookIT {
  private static final String UNKNOWN = "unknown: opened by no method that is hooked";

  @TempDir Path directory;

  static Stream<Arguments> hooks() {
    return Jdk.all().stream()
        .flatMap(
            jdk ->
                Stream.of(
                    arguments(
                        jdk,
                        "sun.nio.ch.Net.socket",
                        "(Ljava/net/ProtocolFamily;Z)",
                        Map.of("CONNECT", 4)),
                    arguments(
                        jdk,
                        "sun.nio.ch.Net.serverSocket",
                        "(Ljava/net/ProtocolFamily;",
                        Map.of("LISTEN", 2)),
                    // Without it, the opener of an accepted socket stays its listener's.
                    arguments(
                        jdk,
                        "sun.nio.ch.NioSocketImpl.accept",
                        "(Ljava/net/SocketImpl;)",
                        Map.of())));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest
  @MethodSource("hooks")
  void recordsWithoutIt(Jdk jdk, String hook, String parameters, Map<String, Integer> unknown)
      throws Exception {
    KernelTier.require();
    String argument =
        RenamedMethod.in(
            jdk,
            hook.substring(hook.lastIndexOf('.') + 1),
            parameters,
            directory.resolve("renamed"));
    AgentJvm.Result without =
        new AgentJvm(jdk, directory).jvm(argument).withoutAgent().run(ExitSeven.class);
    assertEquals(7, without.exit(), without.err());
    AgentJvm.Result with = new AgentJvm(jdk, directory).jvm(argument).record().run(ExitSeven.class);

    String line = AgentLines.one(without, with);
    String missing = hook + " (no such method)";
    assertTrue(
        line.matches(
            "WARN recording the TCP transitions of process \\d+ \\(libbpf \\S+ \\(\\S+\\)\\);"
                + " openers are unknown where this JDK lacks \\Q"
                + missing
                + "\\E \\(please report this with its version, \\S+\\)(; missing: .*)?"),
        line);

    TcpRecording recording = RecordingReader.read(with.recording());
    for (AgentInfo state : recording.agentStates()) {
      assertTrue(state.attached());
      assertEquals(0, state.suppressedErrors());
    }
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertEquals("missing: " + missing, last.hooks());

    assertEquals(ExitSeven.SOCKETS, recording.timelines().size());
    Map<String, Integer> found = new HashMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      assertTrue(timeline.complete(), timeline::toString);
      if (timeline.openedBy().equals(UNKNOWN)) {
        found.merge(kind(timeline.transitions().get(0)), 1, Integer::sum);
        assertEquals(0, timeline.openSiteId());
      } else {
        assertTrue(
            timeline.openedBy().startsWith(ExitSeven.class.getName() + "."), timeline::toString);
      }
    }
    assertEquals(unknown, found, "sockets of an unknown opener");
  }

  private static String kind(Transition first) {
    return first.oldState() == TcpState.LISTEN
        ? "ACCEPT"
        : first.newState() == TcpState.LISTEN ? "LISTEN" : "CONNECT";
  }
}
