// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.jfr.event.FamilyControl;
import dev.tcpstates.jfr.event.LocalPortsControl;
import dev.tcpstates.jfr.event.LoopbackControl;
import dev.tcpstates.jfr.event.RemotePortsControl;
import java.util.Map;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.SettingDefinition;
import org.junit.jupiter.api.Test;

/**
 * The settings of events as JFR creates and sets them. JFR creates those of a type once, so these
 * are types of the test's own.
 */
@SuppressWarnings("try") // a recording that just has to run
class EventFiltersTest {
  abstract static class Filtered extends Event {
    @SettingDefinition
    boolean localPorts(LocalPortsControl control) {
      return true;
    }

    @SettingDefinition
    boolean remotePorts(RemotePortsControl control) {
      return true;
    }

    @SettingDefinition
    boolean family(FamilyControl control) {
      return true;
    }

    @SettingDefinition
    boolean loopback(LoopbackControl control) {
      return true;
    }
  }

  @Name("test.First")
  static final class First extends Filtered {}

  @Name("test.Second")
  static final class Second extends Filtered {}

  private static final EventFilters FILTERS = new EventFilters();

  static {
    FILTERS.register(RecordType.TRANSITIONS, First.class);
    FILTERS.register(RecordType.RESETS, Second.class);
  }

  private static SocketFilter filter(RecordType records, SocketFilter options) {
    return FILTERS.now(options).get(records);
  }

  private static SocketFilter first() {
    return filter(RecordType.TRANSITIONS, SocketFilter.ALL);
  }

  private static SocketFilter with(String key, String value) {
    return SocketFilter.ALL.with(key, value);
  }

  /** A recording that has an event with a setting; {@code null}: without a value. */
  private static Recording recording(Class<? extends Event> event, String key, String value) {
    Recording recording = new Recording();
    if (value == null) {
      recording.enable(event);
    } else {
      recording.enable(event).with(key, value);
    }
    recording.start();
    return recording;
  }

  @Test
  void withoutASettingTheOptionsDecide() {
    SocketFilter options = with("localPorts", "80");
    try (Recording first = recording(First.class, "localPorts", null);
        Recording second = recording(Second.class, "localPorts", null)) {
      for (RecordType records : RecordType.values()) {
        assertEquals(SocketFilter.ALL, filter(records, SocketFilter.ALL), records::name);
        assertEquals(options, filter(records, options), records::name);
      }
    }
  }

  @Test
  void eachSettingFiltersItsOwnEvent() {
    Map.of("localPorts", "80;8080-8090", "remotePorts", "443", "family", "6", "loopback", "false")
        .forEach(
            (key, value) -> {
              try (Recording recording = recording(First.class, key, value);
                  Recording second = recording(Second.class, key, null)) {
                assertEquals(with(key, value), first(), key);
                assertEquals(SocketFilter.ALL, filter(RecordType.RESETS, SocketFilter.ALL), key);
                assertEquals(SocketFilter.ALL, filter(RecordType.LISTS, SocketFilter.ALL), key);
              }
              try (Recording next = recording(First.class, key, null)) {
                assertEquals(SocketFilter.ALL, first(), key);
              }
            });
  }

  @Test
  void anEventHasWhatBothItsSettingAndTheOptionsInclude() {
    try (Recording recording = recording(Second.class, "remotePorts", "443")) {
      SocketFilter options = with("localPorts", "80");
      assertEquals(options.with("remotePorts", "443"), filter(RecordType.RESETS, options));
      assertEquals(options, filter(RecordType.TRANSITIONS, options));
    }
  }

  @Test
  void twoRecordingsHaveWhatEitherIncludes() {
    try (Recording one = recording(First.class, "localPorts", "80")) {
      try (Recording other = recording(First.class, "localPorts", "90")) {
        assertEquals(with("localPorts", "80;90"), first());
      }
      assertEquals(with("localPorts", "80"), first());
    }
  }

  @Test
  void aRecordingWithoutAValueHasWhatTheOtherIncludes() {
    try (Recording one = recording(First.class, "localPorts", "80");
        Recording other = recording(First.class, "localPorts", null)) {
      assertEquals(with("localPorts", "80"), first());
    }
  }

  @Test
  void anInvalidValueExcludesNothing() {
    try (Recording recording = recording(First.class, "localPorts", "http")) {
      assertEquals(SocketFilter.ALL, first());
      recording.setSettings(
          Map.of("test.First#localPorts", "http", "test.First#remotePorts", "443"));
      assertEquals(with("remotePorts", "443"), first());
    }
  }

  /** It is asked for at each poll. */
  @Test
  void nothingIsMadeAnewWhileNothingChanges() {
    Map<RecordType, SocketFilter> before = FILTERS.now(SocketFilter.ALL);
    assertSame(before, FILTERS.now(SocketFilter.ALL));
  }
}
