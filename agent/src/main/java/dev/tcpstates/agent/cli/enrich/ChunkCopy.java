// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.read.RecordingEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import org.openjdk.jmc.flightrecorder.writer.api.Recording;
import org.openjdk.jmc.flightrecorder.writer.api.Recordings;
import org.openjdk.jmc.flightrecorder.writer.api.Type;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValue;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValueBuilder;

/** Copies one chunk. In the copy a tick is a nanosecond, and ticks start at the epoch. */
final class ChunkCopy {
  private static final String OWN = "tcpstates.";
  private static final int METADATA_OFFSET = 24;
  private static final String OPEN_SITE = "tcpstates.OpenSite";

  private final boolean ownOnly;
  private final EventTypes eventTypes;
  private final int number;
  private final Map<Long, List<String>> stacks = new HashMap<>();
  private final Map<String, RecordedThread> threads = new HashMap<>();
  private long events;
  private long enriched;

  private Types types;
  private Values values;

  /**
   * @param number the index of this chunk in the copy, from 0
   */
  ChunkCopy(boolean ownOnly, EventTypes eventTypes, int number) {
    this.ownOnly = ownOnly;
    this.eventTypes = eventTypes;
    this.number = number;
  }

  /**
   * Writes a chunk; of a damaged one, its readable part, or nothing.
   *
   * @throws IOException if it is damaged
   * @throws UncheckedIOException if the copy can't be written
   */
  void copy(ChunkInfo chunk, Path file, OutputStream out) throws IOException {
    // An event may precede the one that has its stack. The second reading reports damages.
    forEach(file, this::lookUp);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Throwable damage;
    try {
      Recording copy = newChunk(nanos(chunk.startTime()), nanos(chunk.endTime()), bytes);
      try (copy) {
        types = new Types(copy.getTypes(), eventTypes);
        values = new Values(types);
        damage = forEach(file, event -> write(event, copy));
      }
    } catch (UncheckedIOException e) {
      throw e;
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      throw new IOException(e.toString(), e);
    }
    try {
      if (number > 0) {
        writeSeparator(chunk, out);
      }
      out.write(withMetadataId(bytes.toByteArray(), 2 * number));
    } catch (IOException e) {
      // The output failed, and not the recording.
      throw new UncheckedIOException(e);
    }
    if (damage != null) {
      throw new IOException(damage.toString(), damage);
    }
  }

  private static Recording newChunk(long start, long end, OutputStream out) {
    return Recordings.newRecording(
        out,
        settings ->
            settings
                .withTimestamp(start)
                .withStartTicks(start)
                .withDuration(Math.max(1, end - start)));
  }

  /**
   * Writes an empty chunk. The writer numbers each chunk's constants from 1, and Java's reader
   * would confuse them with those of the previous chunk. The empty chunk starts a nanosecond before
   * the next one: of two chunks that start together, JDK Mission Control reads only one.
   */
  private void writeSeparator(ChunkInfo chunk, OutputStream out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long end = nanos(chunk.startTime());
    newChunk(end - 1, end, bytes).close();
    out.write(withMetadataId(bytes.toByteArray(), 2 * number - 1));
  }

  /**
   * Numbers a chunk's metadata. The writer always writes 0, and if two chunks have the same number,
   * Java's reader confuses their types.
   */
  private static byte[] withMetadataId(byte[] chunk, int number) {
    int position = (int) ByteBuffer.wrap(chunk).getLong(METADATA_OFFSET);
    // Before it are size, type, time and duration, with seven bits per byte.
    for (int before = 0; before < 4; before++) {
      for (int bytes = 1; bytes < 9 && chunk[position] < 0; bytes++) {
        position++;
      }
      position++;
    }
    chunk[position] = (byte) (number % Byte.MAX_VALUE);
    return chunk;
  }

  /**
   * Reads as far as the file can be read. Java's parser reads constants lazily, so an event may
   * turn out to be damaged only when its fields are read; such an event is left out.
   *
   * @return the first damage, or null
   */
  private static Throwable forEach(Path file, Consumer<RecordedEvent> action) {
    Throwable[] damage = {null};
    try {
      RecordingEvents.forEach(
          file,
          event -> {
            try {
              action.accept(event);
            } catch (UncheckedIOException e) {
              throw e;
            } catch (RuntimeException | VirtualMachineError e) {
              damage[0] = damage[0] == null ? e : damage[0];
            }
            return true;
          });
    } catch (UncheckedIOException e) {
      throw e;
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      return damage[0] == null ? e : damage[0];
    }
    return damage[0];
  }

  private void lookUp(RecordedEvent event) {
    if (event.getEventType().getName().equals(OPEN_SITE)
        && event.hasField("openSiteId")
        && event.hasField("stack")) {
      String stack = event.getString("stack");
      stacks.put(event.getLong("openSiteId"), stack == null ? List.of() : stack.lines().toList());
    }
    RecordedThread thread = event.getThread();
    if (thread != null && thread.getJavaThreadId() > 0) {
      threads.put(key(thread.getJavaThreadId(), thread.getJavaName()), thread);
    }
  }

  private static String key(long threadId, String name) {
    return threadId + " " + name;
  }

  private void write(RecordedEvent event, Recording copy) {
    String name = event.getEventType().getName();
    if (ownOnly && !name.startsWith(OWN)) {
      return;
    }
    boolean ofSocket =
        name.startsWith(OWN) && event.hasField("openThread") && event.hasField("openSiteId");
    Type type = types.event(event.getEventType());
    TypedValue value =
        type.asValue(
            fields -> {
              long start = nanos(event.getStartTime());
              fields.putField("startTime", start);
              fields.putField("duration", nanos(event.getEndTime()) - start);
              if (ofSocket) {
                put(fields, event);
              } else {
                put(fields, "eventThread", values.of(event.getThread()));
                RecordedStackTrace stack = event.getStackTrace();
                put(fields, "stackTrace", stack == null ? null : values.of(stack));
              }
              values.putFields(fields, event, Types.IMPLICIT);
            });
    copy.writeEvent(value);
    events++;
  }

  private void put(TypedValueBuilder fields, RecordedEvent event) {
    List<String> stack = stacks.get(event.getLong("openSiteId"));
    if (stack != null && !stack.isEmpty()) {
      put(fields, "stackTrace", values.stack(stack));
      enriched++;
    }
    String name = event.getString("openThread");
    if (name != null) {
      long id = event.getLong("openThreadId");
      RecordedThread known = threads.get(key(id, name));
      put(fields, "eventThread", known == null ? values.thread(id, name) : values.of(known));
    }
  }

  private static void put(TypedValueBuilder fields, String field, TypedValue value) {
    if (value != null) {
      fields.putField(field, value);
    }
  }

  static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  long events() {
    return events;
  }

  long enriched() {
    return enriched;
  }
}
