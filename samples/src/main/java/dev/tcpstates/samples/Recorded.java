// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/** The recording that {@code -XX:StartFlightRecording:filename=...} makes of this JVM. */
public final class Recorded {
  /** Exit code of a sample that could not be recorded. */
  private static final int NOT_RECORDED = 2;

  private Recorded() {}

  /** Dumps the recording up to now. Returns its file. */
  public static Path file() throws IOException {
    Recording running = FlightRecorder.getFlightRecorder().getRecordings().get(0);
    running.dump(running.getDestination());
    return running.getDestination();
  }

  /**
   * Reads the sockets up to now. If the agent records nothing, or only polls, which misses what the
   * samples show, prints the reason and ends the JVM.
   */
  public static TcpRecording upToNow() throws IOException {
    TcpRecording recording = RecordingReader.read(file());
    List<AgentInfo> agent = recording.agentStates();
    AgentInfo last = agent.isEmpty() ? null : agent.get(agent.size() - 1);
    if (last == null || !last.attached() || last.isSampled()) {
      System.out.println(
          (last != null && last.attached() ? "No transition" : "Nothing")
              + " was recorded: "
              + (last == null ? "this JVM runs without the agent" : last.reason()));
      System.exit(NOT_RECORDED);
    }
    for (Loss loss : recording.losses()) {
      System.out.println(loss.count() + " events were lost (" + loss.reason() + ")");
    }
    for (DataLoss loss : recording.dataLosses()) {
      System.out.println(loss.amount() + " bytes of events were lost by Flight Recorder");
    }
    return recording;
  }

  /** The application's line that opened a socket: the first frame of its opener. */
  public static String line(String openedBy) {
    return openedBy.split(" < ")[0];
  }

  /** Such as {@code 12.3 ms}. */
  public static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
  }
}
