// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** How the settings of several recordings are combined, on the JDK that runs the tests. */
class FilterControlTest {
  @Name("test.Filtered")
  static final class Filtered extends FilteredEvent {}

  /** JFR creates the controls when the event type is registered, which happens once. */
  private static final List<FilterControl> SETTINGS = settings();

  private static List<FilterControl> settings() {
    FilterControl.takeCreated();
    FlightRecorder.register(Filtered.class);
    return FilterControl.takeCreated();
  }

  private static Map<String, String> values() {
    return SETTINGS.stream()
        .filter(setting -> !setting.getValue().isEmpty())
        .collect(
            Collectors.toMap(
                FilterControl::key, FilterControl::getValue, (a, b) -> a, TreeMap::new));
  }

  private static Recording started(Map<String, String> settings) {
    Recording recording = new Recording();
    Map<String, String> all = new TreeMap<>();
    all.put("test.Filtered#enabled", "true");
    settings.forEach((key, value) -> all.put("test.Filtered#" + key, value));
    recording.setSettings(all);
    recording.start();
    return recording;
  }

  @Test
  void combinedValuesLetPassWhatOneDoes() {
    FilterControl control = new LocalPortsControl();
    assertEquals("80", control.combine(Set.of("80")));
    assertEquals("443;80;8080-8090", control.combine(Set.of("80", "443", " 8080-8090 ")));
    assertEquals("", control.combine(Set.of("80", "")));
    assertEquals("", control.combine(new HashSet<>(Arrays.asList("80", null))));
    assertEquals("", control.combine(Set.of()));
  }

  @Test
  void nullIsWhatWasCombinedJustBefore() {
    FilterControl control = new FamilyControl();
    control.combine(Set.of("4", "6"));
    control.setValue(null);
    assertEquals("4;6", control.getValue());
    control.setValue(null);
    assertEquals("", control.getValue());
    int changes = FilterControl.changes();
    control.setValue(" 4 ");
    assertEquals("4", control.getValue());
    assertNotEquals(changes, FilterControl.changes());
  }

  @Test
  void recordingsComeAndGo() {
    assertEquals(
        Set.of("localPorts", "remotePorts", "family", "loopback"),
        SETTINGS.stream().map(FilterControl::key).collect(Collectors.toSet()));
    assertEquals(Map.of(), values());
    try (Recording one = started(Map.of("localPorts", "80", "family", "4"))) {
      assertEquals(Map.of("localPorts", "80", "family", "4"), values());
      try (Recording other =
          started(Map.of("localPorts", "443", "family", "4", "loopback", "false"))) {
        assertEquals(Map.of("localPorts", "443;80", "family", "4", "loopback", "false"), values());
        other.stop();
        assertEquals(Map.of("localPorts", "80", "family", "4"), values());
      }
      one.stop();
    }
    try (Recording none = started(Map.of())) {
      assertEquals(Map.of(), values());
      none.stop();
    }
  }
}
