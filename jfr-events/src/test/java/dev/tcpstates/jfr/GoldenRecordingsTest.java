// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private static final String LINE = "dev.tcpstates.samples.leak.WeatherMap.temperature:38";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"leak-17", "leak-25"})
  void tellTheStoryOfTheSample(String name) throws Exception {
    Path file = directory.resolve(name + ".jfr");
    try (InputStream in = getClass().getResourceAsStream("/golden/" + name + ".jfr.gz")) {
      Files.copy(new GZIPInputStream(in), file);
    }
    TcpRecording recording = RecordingReader.read(file);
    assertEquals(List.of(), recording.losses());
    assertTrue(recording.agentStates().stream().allMatch(AgentInfo::attached));

    Map<String, Long> kinds = new TreeMap<>();
    for (SocketTimeline timeline : recording.timelines()) {
      String first = timeline.transitions().get(0).newState();
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
        recording.timelines().stream().filter(t -> t.lastState().equals("CLOSE_WAIT")).toList();
    for (SocketTimeline leak : leaks) {
      assertTrue(leak.openedBy().startsWith(LINE + " < "), leak.openedBy());
      assertEquals("main", leak.openThread());
      long site = leak.transitions().get(0).openSiteId();
      List<String> stack = recording.openSites().get(site).stack();
      assertTrue(stack.contains(LINE), stack::toString);
    }
    assertEquals(
        Map.of("CONNECT FIN", 5L, "ACCEPT FIN", 8L),
        recording.connections().stream()
            .collect(Collectors.groupingBy(c -> c.kind() + " " + c.end(), Collectors.counting())));
  }
}
