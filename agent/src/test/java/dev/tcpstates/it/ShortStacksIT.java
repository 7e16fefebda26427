// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.it.workload.TwoCallers;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that keep few frames of a stack, or none, in a Throwable. */
@NeedsBpf
class ShortStacksIT {
  private static final String METHOD = "(?s).*TwoCallers\\.(first|second):.*";

  @TempDir private Path directory;

  @OnEachJdk
  void openersAreDistinguishedByAllFrames(Jdk jdk) throws Exception {
    for (String flag :
        List.of(
            "-XX:MaxJavaStackTraceDepth=1",
            "-XX:MaxJavaStackTraceDepth=12",
            "-XX:MaxJavaStackTraceDepth=30",
            "-XX:MaxJavaStackTraceDepth=0",
            "-XX:-StackTraceInThrowable")) {
      Path recorded =
          new AgentJvm(jdk, directory).jvm(flag).record().run(TwoCallers.class).ok().recording();
      TcpRecording recording = RecordingReader.read(recorded);
      assertEquals(
          Map.of("first", TwoCallers.FIRST, "second", TwoCallers.SECOND),
          recording.openSites().values().stream()
              .filter(site -> site.openedBy().contains("TwoCallers"))
              .collect(
                  Collectors.toMap(
                      site -> String.join("\n", site.stack()).replaceFirst(METHOD, "$1"),
                      OpenSiteInfo::opened)),
          flag);
      for (AgentInfo state : recording.agentStates()) {
        assertEquals(0, state.suppressedErrors(), flag);
      }
    }
  }
}
