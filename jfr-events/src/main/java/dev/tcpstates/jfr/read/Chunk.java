// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.ReadProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * A chunk of a file, from its header. A recording is a sequence of chunks. The JDK's parser does
 * not compare the header with the file's length, and fails on a truncated chunk with an exception
 * that does not say so. So it gets complete chunks only.
 *
 * @param size bytes that are in the file
 * @param startNanos start in nanoseconds since 1970
 * @param startTicks start in the JVM's own ticks
 * @param ticksPerSecond how many of these ticks a second has
 * @param problem why the chunk is incomplete; null if it is complete
 */
record Chunk(
    Path file,
    long offset,
    long size,
    long startNanos,
    long durationNanos,
    long startTicks,
    long ticksPerSecond,
    String problem) {

  static final int HEADER_SIZE = 68;
  static final int SIZE_OFFSET = 8;
  static final int CONSTANTS_OFFSET = 16;
  static final int METADATA_OFFSET = 24;
  private static final int START_NANOS_OFFSET = 32;
  private static final int DURATION_OFFSET = 40;
  private static final int START_TICKS_OFFSET = 48;
  private static final int TICKS_PER_SECOND_OFFSET = 56;
  static final int STATE_OFFSET = 64;

  /** The state while the JVM writes the header; the JDK's parser waits for its end. */
  private static final byte WRITING_HEADER = -1;

  /** "FLR" and a zero byte. */
  private static final int MAGIC = 0x464c5200;

  /** Equal for the copies of a chunk in several dumps of one recording. */
  record Identity(long startNanos, long startTicks) {}

  Identity identity() {
    return new Identity(startNanos, startTicks);
  }

  ChunkInfo info() {
    Instant start = Instant.ofEpochSecond(0, startNanos);
    return new ChunkInfo(file, offset, size, start, start.plusNanos(Math.max(0, durationNanos)));
  }

  /**
   * Adds a file's chunks, complete or not.
   *
   * @param problems receives what has no readable header
   * @throws IOException if the file can't be read
   */
  static void addAll(Path file, List<Chunk> chunks, Consumer<ReadProblem> problems)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long fileSize = channel.size();
      if (fileSize == 0) {
        problems.accept(
            new ReadProblem(
                file, 0, false, file + " is empty: a JVM writes it when its recording ends"));
      }
      for (long start = 0; start < fileSize; ) {
        ByteBuffer header = read(channel, start);
        if (header.limit() >= Integer.BYTES && header.getInt(0) != MAGIC) {
          problems.accept(
              new ReadProblem(
                  file,
                  start,
                  false,
                  file + " is not a flight recording: no chunk starts at byte " + start));
          return;
        }
        if (header.limit() < HEADER_SIZE) {
          problems.accept(
              new ReadProblem(file, start, false, cut(file, start, header.limit(), HEADER_SIZE)));
          return;
        }
        Chunk chunk = of(file, start, fileSize - start, header);
        if (chunk.problem == null) {
          chunk = chunk.withProblem(damage(channel, chunk, header));
        }
        chunks.add(chunk);
        start += chunk.size;
      }
    }
  }

  private static Chunk of(Path file, long start, long there, ByteBuffer header) {
    long size = header.getLong(SIZE_OFFSET);
    String problem = null;
    if (size < HEADER_SIZE) {
      problem = file + " is not finished: the chunk at byte " + start + " has no size yet";
      size = there;
    } else if (size > there) {
      problem = cut(file, start, there, size);
      size = there;
    }
    return new Chunk(
        file,
        start,
        size,
        header.getLong(START_NANOS_OFFSET),
        header.getLong(DURATION_OFFSET),
        header.getLong(START_TICKS_OFFSET),
        header.getLong(TICKS_PER_SECOND_OFFSET),
        problem);
  }

  /** Returns what the JDK's parser would never come to an end with; null if there is nothing. */
  private static String damage(FileChannel channel, Chunk chunk, ByteBuffer header)
      throws IOException {
    String at = chunk.file + " is damaged: the chunk at byte " + chunk.offset;
    if (header.get(STATE_OFFSET) == WRITING_HEADER) {
      return at + " has an unfinished header";
    }
    if (chunk.size > Integer.MAX_VALUE) {
      return null; // can't be mapped
    }
    ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, chunk.offset, chunk.size);
    return FlushPoint.reachesFirst(bytes, header.getLong(CONSTANTS_OFFSET))
        ? null
        : at + " has constants that refer to each other in a circle";
  }

  private Chunk withProblem(String found) {
    return new Chunk(
        file, offset, size, startNanos, durationNanos, startTicks, ticksPerSecond, found);
  }

  private static ByteBuffer read(FileChannel channel, long start) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE);
    while (header.hasRemaining() && channel.read(header, start + header.position()) >= 0) {
      // A read may return fewer bytes.
    }
    return header.flip();
  }

  private static String cut(Path file, long start, long there, long needed) {
    return file
        + " is cut short: the chunk at byte "
        + start
        + " needs "
        + needed
        + " bytes and has "
        + there;
  }
}
