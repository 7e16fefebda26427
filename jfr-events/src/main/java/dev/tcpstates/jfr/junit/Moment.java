// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.OpenSiteInfo;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpRecording;
import dev.tcpstates.jfr.analysis.BytesLost;
import dev.tcpstates.jfr.analysis.RecordingLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What is known of a test's sockets at one moment. */
final class Moment {
  private final TcpRecording recording;
  private final List<TestSocket> sockets;
  private final Path file;
  private final RecordingLimits limits = new RecordingLimits();

  /**
   * @param earlier sockets that are not the test's
   * @param file where the recording will be if the test fails
   */
  Moment(TcpRecording recording, Set<Long> earlier, Path file) {
    this.recording = recording;
    this.file = file;
    Map<Long, ConnectionInfo> ends = new HashMap<>();
    recording.connections().forEach(end -> ends.put(end.socketId(), end));
    recording.agentStates().forEach(limits::add);
    this.sockets =
        limits.isSampled()
            ? recording.socketOpens().values().stream()
                .filter(open -> !earlier.contains(open.socketId()))
                .map(open -> socket(open, ends.get(open.socketId())))
                .toList()
            : recording.timelines().stream()
                .filter(timeline -> !earlier.contains(timeline.socketId()))
                .map(timeline -> socket(timeline, ends.get(timeline.socketId())))
                .filter(TestSocket::isNew)
                .toList();
  }

  /** Where the agent polls, what Java code opened is all that is known of every socket. */
  private TestSocket socket(SocketOpenInfo open, ConnectionInfo end) {
    OpenSiteInfo site = recording.openSites().get(open.openSiteId());
    return new TestSocket(null, open, end, site, open.thread());
  }

  /** The acceptor of a socket that has not changed its state since is known by its opening only. */
  private TestSocket socket(SocketTimeline timeline, ConnectionInfo end) {
    SocketOpenInfo open = recording.socketOpens().get(timeline.socketId());
    boolean known = open != null && open.openSiteId() != 0;
    return new TestSocket(
        timeline,
        open,
        end,
        recording.openSites().get(known ? open.openSiteId() : timeline.openSiteId()),
        known ? open.thread() : timeline.openThread());
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

  /** Those that the kernel was read in the midst of the end of. */
  List<TestSocket> halfTold() {
    return sockets(TestSocket::isHalfTold);
  }

  /** What this recording can't prove though nothing of it was lost. */
  RecordingLimits limits() {
    return limits;
  }

  /** What makes it impossible to say anything for sure; empty if nothing does. */
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
