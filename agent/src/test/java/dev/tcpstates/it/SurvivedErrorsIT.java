// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.OutOfMemory;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** What an application survives, the agent does. */
@NeedsBpf
class SurvivedErrorsIT {
  @TempDir private Path directory;

  @OnEachJdk
  void noMemoryForSomeSeconds(Jdk jdk) throws Exception {
    Path file = directory.resolve("after.jfr");
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm("-Xmx48m", "-XX:+UseSerialGC")
            .run(OutOfMemory.class, file.toString())
            .ok();
    assertTrue(result.out().contains("reader true\n"), result.out() + result.err());
    TcpRecording recording = RecordingReader.read(file);
    AgentInfo last = recording.agentStates().get(recording.agentStates().size() - 1);
    assertTrue(last.attached(), last::toString);
    assertTrue(last.suppressedErrors() > 0, "the agent had memory all the time");
    assertEquals(OutOfMemory.LISTENERS, recording.timelines().size());
    for (SocketTimeline timeline : recording.timelines()) {
      assertTrue(timeline.complete(), timeline::toString);
    }
  }
}
