// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.DistinctStacks;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Applications whose stacks differ from socket to socket keep their heap. */
@NeedsBpf
class DistinctStacksIT {
  private static final int SOCKETS = 30_000;

  @TempDir private Path directory;

  @OnEachJdk
  void withoutARecordingInASmallHeap(Jdk jdk) throws Exception {
    Path file = directory.resolve("after.jfr");
    new AgentJvm(jdk, directory)
        .jvm("-Xmx32m", "-XX:+ExitOnOutOfMemoryError")
        .run(DistinctStacks.class, Integer.toString(SOCKETS), file.toString())
        .ok();
    assertBounded(SOCKETS, file);
  }

  /** They are all in one chunk of the recording. */
  @OnEachJdk
  void withARecordingInASmallHeap(Jdk jdk) throws Exception {
    Path file = directory.resolve("after.jfr");
    new AgentJvm(jdk, directory)
        .record()
        .jvm("-Xmx48m", "-XX:+ExitOnOutOfMemoryError")
        .run(DistinctStacks.class, Integer.toString(SOCKETS / 2), file.toString())
        .ok();
    assertBounded(SOCKETS / 2, file);
  }

  private static void assertBounded(int sockets, Path file) throws Exception {
    List<AgentInfo> states = RecordingReader.read(file).agentStates();
    AgentInfo last = states.get(states.size() - 1);
    assertTrue(last.attached(), last::toString);
    assertTrue(last.openSites() < 10_010, last::toString);
    // All but those from before the agent was ready.
    assertTrue(last.records() > sockets / 2, last::toString);
    assertEquals(0, last.suppressedErrors());
  }
}
