// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a stream reads a running JVM's events.
 *
 * @param repository the folder of chunks
 * @param from events that ended before are not read
 */
record LivePosition(Path repository, Instant from) {
  /** Of a chunk's header: when the chunk started, in nanoseconds since 1970. */
  private static final int START_OFFSET = 32;

  /**
   * Returns where to go on if the stream gives no more events.
   *
   * @param now the repository that JFR writes to now
   * @param lastEvent the end of the last event that was handled
   * @return null if the stream is right
   */
  LivePosition next(Path now, Instant lastEvent) throws IOException {
    if (!now.equals(repository)) {
      return new LivePosition(now, lastEvent.isAfter(from) ? lastEvent.plusNanos(1) : from);
    }
    Instant newest = newestChunk();
    return newest != null && newest.isAfter(lastEvent) && newest.isAfter(from)
        ? new LivePosition(repository, newest)
        : null;
  }

  /** Returns the start of the newest chunk; null if there is none. */
  private Instant newestChunk() throws IOException {
    List<Path> chunks;
    try (Stream<Path> files = Files.list(repository)) {
      chunks = files.filter(file -> file.toString().endsWith(".jfr")).toList();
    }
    // The names begin with the time.
    Path newest = chunks.stream().max(Comparator.naturalOrder()).orElse(null);
    if (newest == null) {
      return null;
    }
    try (DataInputStream header = new DataInputStream(Files.newInputStream(newest))) {
      header.skipNBytes(START_OFFSET);
      return Instant.ofEpochSecond(0, header.readLong());
    } catch (EOFException e) {
      return null; // JFR is writing the header
    }
  }
}
