// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * The agent's events in a recording, counted with nothing but the JDK.
 *
 * @param events how many there are of each type, by its name without the prefix
 * @param connects connections that this JVM opened
 * @param lost records that were lost, by {@code RecordsLost}
 * @param unrecorded those of them whose events are missing for certain; of the others, some are in
 *     the recording all the same, or were never a record
 * @param pollNanos the last poll interval, 0 in the mode EXACT
 */
record RecordingCounts(
    Map<String, Long> events, long connects, long lost, long unrecorded, long pollNanos) {
  private static final String PREFIX = "tcpstates.";

  /** Transitions of a connection's two ends; the client closes first. */
  static final int TRANSITIONS_PER_CONNECTION = 10;

  static RecordingCounts of(Path recording) throws IOException {
    Map<String, Long> events = new HashMap<>();
    long connects = 0;
    long lost = 0;
    long unrecorded = 0;
    long pollNanos = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        String name = event.getEventType().getName();
        if (name.startsWith(PREFIX)) {
          name = name.substring(PREFIX.length());
          events.merge(name, 1L, Long::sum);
          switch (name) {
            case "Connection" -> connects += event.getString("kind").equals("CONNECT") ? 1 : 0;
            case "AgentState" -> pollNanos = event.getLong("pollInterval");
            case "RecordsLost" -> {
              long count = event.getLong("count");
              lost += count;
              unrecorded += event.getString("reason").equals("RING_FULL") ? count : 0;
            }
            default -> {}
          }
        }
      }
    }
    return new RecordingCounts(events, connects, lost, unrecorded, pollNanos);
  }

  /**
   * Counts the chunks that began in a time.
   *
   * @param from in ns since 1970, as {@code to}
   */
  static int chunks(Path recording, long from, long to) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(40); // magic, version, size, 2 positions, start
    int chunks = 0;
    try (FileChannel file = FileChannel.open(recording)) {
      for (long at = 0; at < file.size(); at += header.getLong(8)) {
        file.read(header.clear(), at);
        long start = header.getLong(32);
        chunks += start > from && start <= to ? 1 : 0;
      }
    }
    return chunks;
  }

  long count(String event) {
    return events.getOrDefault(event, 0L);
  }

  /**
   * Checks that the recording has exactly the transitions of the load, and that no record was lost.
   *
   * @param listeners of the load; they were closed after the recording
   */
  void check(Results results, String load, long connections, int listeners) {
    results.check(load + ": connections", connections, connects);
    results.check(load + ": opened sockets", 2 * connections + listeners, count("SocketOpen"));
    results.check(
        load + ": transitions",
        TRANSITIONS_PER_CONNECTION * connections + listeners,
        count("StateChange"));
    results.check(load + ": lost", 0, lost);
  }
}
