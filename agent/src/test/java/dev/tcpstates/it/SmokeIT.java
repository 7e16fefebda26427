// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.RecordingReader;
import dev.tcpstates.jfr.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SmokeIT {
  static List<Jdk> jdks() {
    return Jdk.all();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void oneRefusedConnection(Jdk jdk, @TempDir Path directory) throws Exception {
    KernelTier.require();
    AgentJvm.Result result = new AgentJvm(jdk, directory).record().run(Refused.class).ok();
    TcpRecording recording = RecordingReader.read(result.recording());
    assertEquals(1, recording.timelines().size());
    assertEquals(
        List.of("CLOSE>SYN_SENT", "SYN_SENT>CLOSE"),
        recording.timelines().get(0).transitions().stream()
            .map(t -> t.oldState() + ">" + t.newState())
            .toList());
    assertEquals("ECONNREFUSED", recording.timelines().get(0).transitions().get(1).reason());
  }

  static final class Refused {
    public static void main(String[] args) throws Exception {
      try {
        new java.net.Socket("127.0.0.1", 1).close();
      } catch (java.net.ConnectException e) {
        System.out.println("refused");
      }
    }
  }
}
