// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.NewChunks;
import dev.tcpstates.it.workload.RecordingsAtOnce;
import dev.tcpstates.it.workload.Storm;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/**
 * JFR may begin a new chunk at any moment: nothing is lost or doubled, and each explains itself.
 */
class ChunksIT {
  private static final int THREADS = 3;
  private static final int CHUNKS = 15;
  private static final int CONNECTIONS = 2_000;

  /** In a chunk's header. */
  private static final int SIZE_OFFSET = 8;

  @TempDir Path directory;

  @OnEachJdk
  void newChunksUnderLoad(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).record().run(NewChunks.class, "" + THREADS, "" + CHUNKS).ok();
    int connections =
        Integer.parseInt(result.out().lines().toList().get(0).substring(NewChunks.LINE.length()));
    int sockets = 2 * connections + THREADS;
    TcpRecording whole = Recorded.read(result.recording());
    assertEquals(sockets, whole.timelines().size());
    assertTrue(whole.timelines().stream().allMatch(SocketTimeline::complete));
    assertEquals(sockets, whole.socketOpens().size());

    Set<String> transitions = new HashSet<>();
    int busy = 0;
    for (Path file : split(result.recording())) {
      TcpRecording chunk = Recorded.readWithLosses(file);
      busy += chunk.timelines().isEmpty() ? 0 : 1;
      for (SocketTimeline timeline : chunk.timelines()) {
        for (Transition transition : timeline.transitions()) {
          String key = transition.socketId() + " leaves " + transition.oldState();
          assertTrue(transitions.add(key), () -> key + " twice");
          assertExplained(chunk, transition.openSiteId(), transition.openedBy());
        }
      }
      for (SocketOpenInfo open : chunk.socketOpens().values()) {
        assertExplained(chunk, open.openSiteId(), null);
      }
    }
    assertEquals(
        connections * Storm.TRANSITIONS_PER_CONNECTION + THREADS * Storm.TRANSITIONS_PER_LISTENER,
        transitions.size());
    assertTrue(busy >= CHUNKS, busy + " chunks with transitions");
  }

  /** Those who begin and end them have JFR's lock, and wait for the agent. */
  @OnEachJdk
  void recordingsThatBeginAndEndAllTheTime(Jdk jdk) throws Exception {
    KernelTier.require();
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .record()
            .run(RecordingsAtOnce.class, "" + CONNECTIONS, directory.resolve("dump.jfr").toString())
            .ok();
    int recordings = Integer.parseInt(result.out().strip().substring("recordings ".length()));
    assertTrue(recordings > 1, result::out);
    TcpRecording whole = Recorded.read(result.recording());
    assertEquals(2 * CONNECTIONS, whole.connections().size());
    assertEquals(2 * CONNECTIONS + 1, whole.socketOpens().size());
  }

  private static void assertExplained(TcpRecording chunk, long siteId, String openedBy) {
    assertTrue(chunk.openSites().containsKey(siteId), () -> "no OpenSite " + siteId);
    if (openedBy != null) {
      assertEquals(openedBy, chunk.openSites().get(siteId).openedBy());
    }
  }

  /** The chunks of a recording, as recordings of their own. */
  private List<Path> split(Path recording) throws IOException {
    List<Path> chunks = new ArrayList<>();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(recording));
    int start = 0;
    while (start < bytes.limit()) {
      int size = (int) bytes.getLong(start + SIZE_OFFSET);
      byte[] chunk = new byte[size];
      bytes.get(start, chunk);
      chunks.add(Files.write(directory.resolve("chunk-" + chunks.size() + ".jfr"), chunk));
      start += size;
    }
    return chunks;
  }
}
