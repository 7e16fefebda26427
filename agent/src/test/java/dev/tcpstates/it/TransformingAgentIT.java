// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.SelectorConnections;
import java.io.File;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another agent looks at each class when it is loaded. On JDK 25, Flight Recorder loads classes in
 * the midst of an event, and what the other agent does then must not damage it.
 */
@NeedsBpf
class TransformingAgentIT {
  private static final int CONNECTIONS = 300;

  @TempDir private Path directory;

  @OnEachJdk
  void theRecordingCanBeRead(Jdk jdk) throws Exception {
    Path other =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(file -> file.getFileName().toString().startsWith("transmittable-thread-local"))
            .findFirst()
            .orElseThrow();
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm("-javaagent:" + other)
            .record()
            .run(SelectorConnections.class, Integer.toString(CONNECTIONS))
            .ok();
    // Each connection has two sockets; one more listens.
    assertEquals(2 * CONNECTIONS + 1, Recorded.read(result.recording()).timelines().size());
  }
}
