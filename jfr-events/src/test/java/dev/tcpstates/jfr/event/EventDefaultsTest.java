// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Configuration;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The events of a recording whose settings do not name them. */
class EventDefaultsTest {
  @TempDir Path dir;

  private final Runnable agentState = () -> new AgentState().commit();
  private final Runnable openSite = () -> new OpenSite().commit();
  private final List<Runnable> others = new ArrayList<>();

  @BeforeEach
  void registerAsTheAgentDoes() {
    EventMetadataTest.EVENTS.forEach(FlightRecorder::register);
    FlightRecorder.addPeriodicEvent(AgentState.class, agentState);
    FlightRecorder.addPeriodicEvent(OpenSite.class, openSite);
    for (Class<? extends Event> type :
        List.of(
            Throughput.class,
            StateCount.class,
            StuckSocket.class,
            ListenQueue.class,
            SocketWait.class)) {
      Runnable hook = type::getName; // one of its own for each
      others.add(hook);
      FlightRecorder.addPeriodicEvent(type, hook);
    }
  }

  @AfterEach
  void removeHooks() {
    FlightRecorder.removePeriodicEvent(agentState);
    FlightRecorder.removePeriodicEvent(openSite);
    others.forEach(FlightRecorder::removePeriodicEvent);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "profile"})
  void everyEventButSocketWaitIsThereAndOnlySocketOpenHasAStack(String configuration)
      throws Exception {
    Path file = dir.resolve("defaults.jfr");
    try (Recording recording = new Recording(Configuration.getConfiguration(configuration))) {
      recording.start();
      new StateChange().commit();
      new Connection().commit();
      new SocketOpen().commit();
      new SocketState().commit();
      new RecordsLost().commit();
      new Retransmit().commit();
      new Reset().commit();
      new Throughput().commit();
      new StateCount().commit();
      new StuckSocket().commit();
      new ListenQueue().commit();
      new SocketWait().commit();
      recording.stop();
      recording.dump(file);
    }

    Map<String, String> found = new TreeMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      if (event.getEventType().getName().startsWith("tcpstates.")) {
        String stack = event.getStackTrace() == null ? "no stack" : "stack";
        // A second event of a type would show in the text.
        found.merge(event.getEventType().getName(), stack, (one, two) -> one + ", " + two);
      }
    }
    assertEquals(
        Map.ofEntries(
            // Once at the start and once at the end of the one chunk.
            Map.entry("tcpstates.AgentState", "no stack, no stack"),
            Map.entry("tcpstates.OpenSite", "no stack, no stack"),
            Map.entry("tcpstates.Connection", "no stack"),
            Map.entry("tcpstates.ListenQueue", "no stack"),
            Map.entry("tcpstates.RecordsLost", "no stack"),
            Map.entry("tcpstates.Reset", "no stack"),
            Map.entry("tcpstates.Retransmit", "no stack"),
            Map.entry("tcpstates.SocketOpen", "stack"),
            Map.entry("tcpstates.SocketState", "no stack"),
            Map.entry("tcpstates.StateChange", "no stack"),
            Map.entry("tcpstates.StateCount", "no stack"),
            Map.entry("tcpstates.StuckSocket", "no stack"),
            Map.entry("tcpstates.Throughput", "no stack")),
        found);
  }

  @Test
  void settings() {
    assertSetting("true", "enabled", StateChange.class);
    assertSetting("true", "enabled", Connection.class);
    assertSetting("true", "enabled", SocketOpen.class);
    assertSetting("true", "enabled", SocketState.class);
    assertSetting("true", "enabled", OpenSite.class);
    assertSetting("true", "enabled", RecordsLost.class);
    assertSetting("true", "enabled", AgentState.class);
    assertSetting("true", "enabled", Retransmit.class);
    assertSetting("true", "enabled", Reset.class);
    assertSetting("0 ns", "threshold", Retransmit.class);
    assertSetting("0 ns", "threshold", Reset.class);
    assertSetting("0 ns", "threshold", StateChange.class);
    assertSetting("0 ns", "threshold", Connection.class);
    assertSetting("0 ns", "threshold", SocketOpen.class);
    assertSetting("0 ns", "threshold", RecordsLost.class);
    assertSetting("everyChunk", "period", AgentState.class);
    assertSetting("everyChunk", "period", OpenSite.class);
    assertSetting("true", "enabled", Throughput.class);
    assertSetting("true", "enabled", StateCount.class);
    assertSetting("true", "enabled", StuckSocket.class);
    assertSetting("true", "enabled", ListenQueue.class);
    assertSetting("10 s", "period", Throughput.class);
    assertSetting("10 s", "period", StateCount.class);
    assertSetting("10 s", "period", StuckSocket.class);
    assertSetting("10 s", "period", ListenQueue.class);
    assertSetting("false", "enabled", SocketWait.class);
    assertSetting("endChunk", "period", SocketWait.class);
  }

  @Test
  void thresholdSelectsByTheEventsDuration() throws Exception {
    Path file = dir.resolve("threshold.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(StateChange.NAME).withThreshold(Duration.ofMillis(20));
      recording.start();
      StateChange slow = new StateChange();
      slow.begin();
      StateChange fast = new StateChange();
      fast.begin();
      fast.end();
      fast.commit();
      Thread.sleep(30);
      slow.newState = "CLOSE";
      slow.commit();
      recording.stop();
      recording.dump(file);
    }
    assertEquals(
        "CLOSE",
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals(StateChange.NAME))
            .map(event -> event.getString("newState"))
            .reduce((one, two) -> one + ", " + two)
            .orElseThrow());
  }

  private static void assertSetting(String expected, String setting, Class<? extends Event> type) {
    String value =
        EventType.getEventType(type).getSettingDescriptors().stream()
            .filter(descriptor -> descriptor.getName().equals(setting))
            .findAny()
            .orElseThrow()
            .getDefaultValue();
    assertEquals(expected, value, type + " " + setting);
  }
}
