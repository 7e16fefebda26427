// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Recordings that were made once, by the sample {@code leak} on JDK 17 and 25 with the agent's
 * first events, are read by whatever version this is. The sample asks eight stations, each with a
 * listener of its own; three answers are no number, and these connections stay open in CLOSE_WAIT.
 */
class GoldenRecordingsTest {
  /** JFR keeps times in ticks, which here are some nanoseconds. */
  private static final Duration TICKS = Duration.ofNanos(1_000);

  private static final String LINE = "dev.tcpstates.samples.leak.WeatherMap.temperature:38";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"leak-17", "leak-25"})
  void haveTheSocketsOfTheSample(String name) throws Exception {
    Path file = directory.resolve(name + ".jfr");
    try (InputStream in = getClass().getResourceAsStream("/golden/" + name + ".jfr.gz")) {
      Files.copy(new GZIPInputStream(in), file);
    }
    TcpRecording recording = RecordingReader.read(file);
    assertEquals(List.of(), recording.losses());
    assertTrue(recording.agentStates().stream().allMatch(AgentInfo::attached));

    Map<String, Long> kinds = new TreeMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      TcpState first = timeline.transitions().get(0).newState();
      String end = timeline.complete() ? "complete" : "in " + timeline.lastState();
      kinds.merge(first + ", " + end, 1L, Long::sum);
    }
    assertEquals(
        Map.of(
            "LISTEN, complete", 8L,
            "SYN_SENT, complete", 5L,
            "SYN_SENT, in CLOSE_WAIT", 3L,
            "SYN_RECV, complete", 8L),
        kinds);

    List<SocketTimeline> leaks =
        recording.timelines().stream().filter(t -> t.lastState() == TcpState.CLOSE_WAIT).toList();
    for (SocketTimeline leak : leaks) {
      assertTrue(leak.openedBy().startsWith(LINE + " < "), leak.openedBy());
      assertEquals("main", leak.openThread());
      long site = leak.transitions().get(0).openSiteId();
      List<String> stack = recording.openSites().get(site).stack();
      assertTrue(stack.contains(LINE), stack::toString);
    }
    assertEnds(recording);
    assertTimes(recording);
    assertEquals(
        Map.of("CONNECT FIN", 5L, "ACCEPT FIN", 8L),
        recording.connections().stream()
            .collect(Collectors.groupingBy(c -> c.kind() + " " + c.end(), Collectors.counting())));
  }

  /** Each station is called once, over loopback, and both sides are recorded. */
  private static void assertEnds(TcpRecording recording) {
    Set<Integer> stations = new TreeSet<>();
    Map<String, Integer> asked = new TreeMap<>();
    Map<String, Integer> answered = new TreeMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      Transition last = timeline.transitions().get(timeline.transitions().size() - 1);
      assertEquals("127.0.0.1", last.localAddress());
      switch (timeline.transitions().get(0).newState()) {
        case LISTEN -> stations.add(last.localPort());
        case SYN_SENT -> asked.put(last.localPort() + " " + last.address(), last.port());
        default -> answered.put(last.port() + " " + last.address(), last.localPort());
      }
    }
    assertEquals(asked, answered);
    assertEquals(8, asked.size());
    assertEquals(stations, new TreeSet<>(asked.values()));
  }

  /** A transition starts at the previous one. */
  private static void assertTimes(TcpRecording recording) {
    for (SocketTimeline timeline : recording.timelines()) {
      Instant before = timeline.transitions().get(0).endTime();
      for (Transition transition :
          timeline.transitions().subList(1, timeline.transitions().size())) {
        Duration between = Duration.between(before, transition.endTime());
        Duration difference = between.minus(transition.timeInState()).abs();
        assertTrue(difference.compareTo(TICKS) < 0, () -> between + " " + transition);
        before = transition.endTime();
      }
    }
  }
}
