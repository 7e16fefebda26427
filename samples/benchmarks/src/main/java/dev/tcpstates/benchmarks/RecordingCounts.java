// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What a recording holds of our events, counted with nothing but the JDK. */
record RecordingCounts(Map<String, Long> events, long connects, long lost, long unrecorded) {
  private static final String PREFIX = "tcpstates.";

  /** Transitions of a connection's two ends; the client closes first. */
  static final int TRANSITIONS_PER_CONNECTION = 10;

  static RecordingCounts of(Path recording) throws IOException {
    Map<String, Long> events = new TreeMap<>();
    long connects = 0;
    long lost = 0;
    long unrecorded = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        String name = event.getEventType().getName();
        if (name.startsWith(PREFIX)) {
          name = name.substring(PREFIX.length());
          events.merge(name, 1L, Long::sum);
          if (name.equals("Connection") && event.getString("kind").equals("CONNECT")) {
            connects++;
          } else if (name.equals("RecordsLost")) {
            lost += event.getLong("count");
            // Of the others, some are told all the same, or were never a record.
            unrecorded +=
                event.getString("reason").equals("RING_FULL") ? event.getLong("count") : 0;
          }
        }
      }
    }
    return new RecordingCounts(events, connects, lost, unrecorded);
  }

  long count(String event) {
    return events.getOrDefault(event, 0L);
  }

  /**
   * Checks that the recording tells exactly what the load did, or counts what it lost.
   *
   * @param listeners how many there were, whose end came after the recording's
   */
  void check(Results results, String where, long connections, int listeners) {
    results.check(where + ": connections", connections, connects);
    results.check(where + ": opened sockets", 2 * connections + listeners, count("SocketOpen"));
    results.check(
        where + ": transitions",
        TRANSITIONS_PER_CONNECTION * connections + listeners,
        count("StateChange"));
    results.check(where + ": lost", 0, lost);
  }
}
