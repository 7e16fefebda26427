// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The Retransmit or the Reset events of a recording, in the order of their times. */
record Segments(List<RecordedEvent> all) {
  static Segments retransmits(Path recording) throws IOException {
    return new Segments(events(recording, "tcpstates.Retransmit"));
  }

  static Segments resets(Path recording) throws IOException {
    return new Segments(events(recording, "tcpstates.Reset"));
  }

  private static List<RecordedEvent> events(Path recording, String name) throws IOException {
    return RecordingFile.readAllEvents(recording).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  /** Those of one connection, which must be of its ends, and of its opener if it was accepted. */
  Segments of(ConnectionInfo connection) {
    List<RecordedEvent> own =
        all.stream().filter(e -> e.getLong("socketId") == connection.socketId()).toList();
    for (RecordedEvent event : own) {
      assertEquals(ends(connection), ends(event));
      assertEquals(connection.listenerId(), event.getLong("listenerId"));
      if (connection.listenerId() == 0) {
        assertEquals(connection.openedBy(), event.getString("openedBy"));
        assertEquals(connection.openSiteId(), event.getLong("openSiteId"));
        assertEquals(connection.openThread(), event.getString("openThread"));
      }
    }
    return new Segments(own);
  }

  private static String ends(ConnectionInfo connection) {
    return connection.localAddress()
        + ":"
        + connection.localPort()
        + ">"
        + connection.address()
        + ":"
        + connection.port();
  }

  /** Both ends of an event's connection, this side first. */
  static String ends(RecordedEvent event) {
    return event.getString("localAddress")
        + ":"
        + event.getInt("localPort")
        + ">"
        + event.getString("address")
        + ":"
        + event.getInt("port");
  }

  /** Each has a state that the kernel has, and an opener in the workload. */
  Segments sound(String... openers) {
    for (RecordedEvent event : all) {
      TcpState.valueOf(event.getString("state"));
      String by = event.getString("openedBy");
      assertTrue(Arrays.stream(openers).anyMatch(by::contains), event::toString);
      assertTrue(event.getLong("openSiteId") > 0, event::toString);
    }
    return this;
  }

  Segments with(String field, String value) {
    return new Segments(all.stream().filter(e -> value.equals(e.getString(field))).toList());
  }

  long sum(String field) {
    return all.stream().mapToLong(event -> event.getLong(field)).sum();
  }

  /** How many there are of each value. */
  Map<String, Long> count(String field) {
    return all.stream()
        .collect(
            Collectors.groupingBy(
                event -> String.valueOf(event.getString(field)),
                TreeMap::new,
                Collectors.counting()));
  }

  /** What they say in some fields. */
  List<String> rows(String... fields) {
    return all.stream()
        .map(
            event ->
                Arrays.stream(fields)
                    .map(
                        field -> {
                          Object value = event.getValue(field);
                          return String.valueOf(value);
                        })
                    .collect(Collectors.joining(" ")))
        .toList();
  }
}
