// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.SocketWait;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A recording of the test's own JVM, with only those events of the agent that a test enables. */
public final class TestRecording implements AutoCloseable {
  private static final List<Class<? extends Event>> TYPES =
      List.of(
          StateChange.class,
          Connection.class,
          Retransmit.class,
          Reset.class,
          SocketState.class,
          OpenSite.class,
          RecordsLost.class,
          StateCount.class,
          StuckSocket.class,
          ListenQueue.class,
          SocketWait.class,
          Throughput.class,
          SocketOpen.class,
          AgentState.class);

  private final Recording recording = new Recording();

  /** Starts it with these events. */
  public static TestRecording of(String... events) {
    TestRecording recording = new TestRecording();
    recording.enable(events);
    recording.recording.start();
    return recording;
  }

  private TestRecording() {
    registerEvents();
    TYPES.forEach(recording::disable);
  }

  /** As the agent does at its start. */
  public static void registerEvents() {
    TYPES.forEach(FlightRecorder::register);
  }

  /** Enables more events from now on. */
  public void enable(String... events) {
    for (String event : events) {
      recording.enable(event).withoutStackTrace();
    }
  }

  /** Changes a setting of an event from now on. */
  public TestRecording with(String event, String setting, String value) {
    recording.enable(event).with(setting, value);
    return this;
  }

  /** Ends it, and returns its events of one type in the order of their ends. */
  public List<RecordedEvent> events(String type) throws IOException {
    if (recording.getState() == RecordingState.RUNNING) {
      recording.stop();
    }
    Path file = Files.createTempFile("test", ".jfr");
    try {
      recording.dump(file);
      return RecordingFile.readAllEvents(file).stream()
          .filter(event -> event.getEventType().getName().equals(type))
          .sorted((a, b) -> a.getEndTime().compareTo(b.getEndTime()))
          .toList();
    } finally {
      Files.delete(file);
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}
