// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.DataLoss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import jdk.jfr.EventSettings;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/** Starts a flight recording of this JVM's own sockets. */
public final class JvmRecording {
  private static final String PREFIX = "tcpstates.";

  private JvmRecording() {}

  /**
   * Waits for the agent's start, and starts a recording of all of its events.
   *
   * @param name the recording's name
   * @param settings further settings of each event; all durations are recorded
   * @return null if this JVM has no agent
   * @throws IllegalStateException if Flight Recorder is switched off in this JVM
   * @throws UncheckedIOException if no socket can be opened
   */
  public static Recording start(String name, Consumer<EventSettings> settings) {
    awaitAgent();
    List<String> events =
        FlightRecorder.getFlightRecorder().getEventTypes().stream()
            .map(EventType::getName)
            .filter(event -> event.startsWith(PREFIX))
            .toList();
    if (!events.contains(PREFIX + "AgentState")) {
      return null;
    }
    Recording recording = new Recording();
    recording.setName(name);
    events.forEach(event -> settings.accept(recording.enable(event).withThreshold(Duration.ZERO)));
    recording.enable(DataLoss.NAME);
    recording.start();
    return recording;
  }

  /** As every opening of a socket does. */
  private static void awaitAgent() {
    try {
      SocketChannel.open().close();
    } catch (IOException e) {
      throw new UncheckedIOException("no socket can be opened", e);
    }
  }
}
