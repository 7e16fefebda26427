// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.enrich;

import dev.tcpstates.jfr.ChunkInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import jdk.jfr.consumer.RecordingFile;
import org.openjdk.jmc.flightrecorder.writer.api.Recording;
import org.openjdk.jmc.flightrecorder.writer.api.Recordings;
import org.openjdk.jmc.flightrecorder.writer.api.Type;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValue;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValueBuilder;

/** One chunk's copy. A tick of it is a nanosecond, and ticks start at the epoch. */
final class ChunkCopy {
  private static final String OWN = "tcpstates.";
  private static final String OPEN_SITE = "tcpstates.OpenSite";

  private final boolean ownOnly;
  private final Map<Long, List<String>> stacks = new HashMap<>();
  private final Map<String, RecordedThread> threads = new HashMap<>();
  private long events;
  private long enriched;

  private Types types;
  private Values values;

  ChunkCopy(boolean ownOnly) {
    this.ownOnly = ownOnly;
  }

  /** Writes a chunk, of one that is damaged what can be read. */
  void copy(ChunkInfo chunk, Path file, OutputStream out) throws IOException {
    try {
      // An event may come before the one with its stack.
      forEach(file, this::lookUp);
    } catch (DamagedException e) {
      // The second reading gets as far, and tells.
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) Math.min(chunk.size(), 1 << 30));
    IOException damage = null;
    Recording copy =
        Recordings.newRecording(
            bytes,
            settings ->
                settings
                    .withTimestamp(nanos(chunk.startTime()))
                    .withStartTicks(nanos(chunk.startTime()))
                    .withDuration(Math.max(1, nanos(chunk.endTime()) - nanos(chunk.startTime()))));
    try (copy) {
      types = new Types(copy.getTypes());
      values = new Values(types);
      forEach(file, event -> write(event, copy));
    } catch (DamagedException e) {
      damage = e;
    }
    try {
      bytes.writeTo(out);
    } catch (IOException e) {
      // Not the recording's fault.
      throw new UncheckedIOException(e);
    }
    if (damage != null) {
      throw damage;
    }
  }

  /** The file's own fault, and not of what is done with its events. */
  private static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(Exception cause) {
      super(cause.toString(), cause);
    }
  }

  private static void forEach(Path file, Consumer<RecordedEvent> action) throws IOException {
    try (RecordingFile recording = new RecordingFile(file)) {
      while (true) {
        RecordedEvent event;
        try {
          if (!recording.hasMoreEvents()) {
            return;
          }
          event = recording.readEvent();
        } catch (IOException | RuntimeException e) {
          throw new DamagedException(e);
        }
        action.accept(event);
      }
    }
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
