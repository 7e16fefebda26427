// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.analysis.BytesLost;
import dev.tcpstates.jfr.analysis.RecordingLimits;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The recording of a test's sockets up to one moment. */
final class Moment {
  private final TcpRecording recording;
  private final List<TestSocket> sockets;
  private final Path file;
  private final RecordingLimits limits;

  /**
   * @param lives of the sockets of {@code recording}
   * @param earlier sockets that were opened before the test
   * @param file where the recording is kept if the test fails
   */
  Moment(TcpRecording recording, Lives lives, Set<Long> earlier, Path file) {
    this.recording = recording;
    this.file = file;
    this.limits = lives.limits();
    // If the agent polls, only the SocketOpen events have every socket.
    Stream<TestSocket> all =
        limits.isSampled()
            ? recording.socketOpens().keySet().stream()
                .map(lives::life)
                .filter(Objects::nonNull)
                .map(life -> socket(lives, life, null))
            : Stream.concat(
                recording.timelines().stream()
                    .map(timeline -> socket(lives, lives.life(timeline.socketId()), timeline)),
                lives.failedAtOnce().stream().map(life -> socket(lives, life, null)));
    this.sockets =
        all.filter(socket -> !earlier.contains(socket.life().socketId()))
            .filter(TestSocket::isNew)
            .toList();
  }

  private static TestSocket socket(Lives lives, SocketLife life, SocketTimeline timeline) {
    return new TestSocket(life, timeline, lives.data(life.socketId()));
  }

  TcpRecording recording() {
    return recording;
  }

  /** The test's sockets, by the time of their first transition. */
  List<TestSocket> sockets(Predicate<TestSocket> choice) {
    return sockets.stream().filter(choice).toList();
  }

  Path file() {
    return file;
  }

  /** Sockets for which only one of the two events of their end was read. */
  List<TestSocket> halfEnded() {
    return sockets(TestSocket::isHalfEnded);
  }

  /** What this recording can't prove although nothing was lost. */
  RecordingLimits limits() {
    return limits;
  }

  /** What is missing from the recording, so that it proves nothing; empty if it is complete. */
  List<String> gaps() {
    List<String> gaps = new ArrayList<>();
    for (Loss loss : recording.losses()) {
      gaps.add(loss.count() + " events " + loss.lostType() + " were lost: " + loss.reason());
    }
    BytesLost bytesLost = null;
    for (DataLoss loss : recording.dataLosses()) {
      bytesLost = BytesLost.sum(bytesLost, loss);
    }
    if (bytesLost != null) {
      gaps.add(bytesLost.words());
    }
    AgentInfo agent = recording.agentStates().get(recording.agentStates().size() - 1);
    if (!agent.attached()) {
      gaps.add("the agent stopped before the test did: " + agent.reason());
    }
    return gaps;
  }
}
