// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.tcpstates.it.workload.Storm;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** What is missing is counted, to the last transition; and with room enough nothing is. */
@NeedsBpf
class LossesIT {
  private static final int THREADS = 8;
  private static final int CONNECTIONS = 100;
  private static final int TRANSITIONS =
      THREADS * (CONNECTIONS * Storm.TRANSITIONS_PER_CONNECTION + Storm.TRANSITIONS_PER_LISTENER);

  @TempDir Path directory;

  @OnEachJdk
  void ringOfOnePage(Jdk jdk) throws Exception {
    TcpRecording recording = storm(new AgentJvm(jdk, directory).options("ringSize=4KB"));
    AgainIfSkipped.assertNoneLostBut("RING_FULL", recording);
    int missing = TRANSITIONS - transitions(recording);
    System.out.println(missing + " of " + TRANSITIONS + " transitions are missing");
    assertTrue(missing > 0, "the ring was never full");
    int lostTransitions = 0;
    int lostConnections = 0;
    for (Loss loss : recording.losses()) {
      assertTrue(loss.count() > 0);
      assertTrue(loss.from().isBefore(loss.to()), loss::toString);
      switch (loss.lostType()) {
        case "tcpstates.StateChange" -> lostTransitions += loss.count();
        case "tcpstates.Connection" -> lostConnections += loss.count();
        default -> fail("lost what? " + loss);
      }
    }
    assertEquals(missing, lostTransitions);
    // A connection has two ends, both of this JVM.
    int missingConnections = 2 * THREADS * CONNECTIONS - recording.connections().size();
    assertEquals(missingConnections, lostConnections);
    List<AgentInfo> states = recording.agentStates();
    assertEquals(missing + missingConnections, states.get(states.size() - 1).lost());
    assertEquals(
        transitions(recording) + recording.connections().size(),
        states.get(states.size() - 1).records());
  }

  @OnEachJdk
  void ringOfDefaultSize(Jdk jdk) throws Exception {
    TcpRecording recording = storm(new AgentJvm(jdk, directory));
    AgainIfSkipped.assertNoneLost(recording);
    assertEquals(TRANSITIONS, transitions(recording));
    assertTrue(recording.timelines().stream().allMatch(SocketTimeline::complete));
  }

  private static TcpRecording storm(AgentJvm jvm) throws Exception {
    AgentJvm.Result result = jvm.record().run(Storm.class, "" + THREADS, "" + CONNECTIONS).ok();
    return Recorded.readWithLosses(result.recording());
  }

  private static int transitions(TcpRecording recording) {
    return recording.timelines().stream().mapToInt(timeline -> timeline.transitions().size()).sum();
  }
}
