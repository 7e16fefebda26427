// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.jfr.event.FilterControl;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import org.slf4j.Logger;

/** The filter settings of the recordings, per event type. Thread-safe. */
final class EventFilters {
  private static final Logger LOG = Loggers.of(EventFilters.class);

  /** How many invalid settings are kept, so that each is reported once. */
  private static final int MOST_REPORTED = 100;

  /** An event type with its settings. */
  private record Filtered(String event, List<FilterControl> settings) {}

  private final Map<RecordType, Filtered> events = new EnumMap<>(RecordType.class);
  private final Set<String> reported = new HashSet<>();
  private Map<RecordType, SocketFilter> last = Map.of();
  private SocketFilter lastOptions;
  private int lastChanges;

  /** Registers an event type; once in a JVM's life. */
  synchronized void register(RecordType records, Class<? extends Event> event) {
    FilterControl.takeCreated();
    FlightRecorder.register(event);
    List<FilterControl> settings = FilterControl.takeCreated();
    if (settings.size() != SocketFilter.KEYS.size()) {
      LOG.warn(
          "this JDK's Flight Recorder does not create the settings of {}, so they have no effect."
              + " Please report this with its version, {}.",
          event.getSimpleName(),
          System.getProperty("java.vm.version"));
    }
    events.put(records, new Filtered(event.getSimpleName(), settings));
  }

  /**
   * Returns the filters in effect now.
   *
   * @param options the filter of the agent's options, which applies to all events
   */
  synchronized Map<RecordType, SocketFilter> now(SocketFilter options) {
    int changes = FilterControl.changes();
    if (changes == lastChanges && options.equals(lastOptions)) {
      return last;
    }
    Map<RecordType, SocketFilter> filters = new EnumMap<>(RecordType.class);
    for (RecordType records : RecordType.values()) {
      Filtered event = events.get(records);
      filters.put(records, event == null ? options : options.and(filter(event)));
    }
    last = filters;
    lastOptions = options;
    lastChanges = changes;
    return filters;
  }

  private SocketFilter filter(Filtered event) {
    SocketFilter filter = SocketFilter.ALL;
    for (FilterControl setting : event.settings()) {
      String value = setting.getValue();
      if (!value.isEmpty()) {
        try {
          filter = filter.with(setting.key(), value);
        } catch (IllegalArgumentException e) {
          reportInvalid(event.event() + "#" + setting.key() + "=" + value, e.getMessage());
        }
      }
    }
    return filter;
  }

  private void reportInvalid(String setting, String valid) {
    if (reported.size() < MOST_REPORTED && reported.add(setting)) {
      LOG.warn("the recording's setting {} is not valid and excludes nothing; {}", setting, valid);
    }
  }
}
