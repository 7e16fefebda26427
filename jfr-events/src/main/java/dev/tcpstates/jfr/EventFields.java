// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;

/**
 * An event's fields by name. One that the event lacks, or has with another type, is null, 0, false
 * or zero: a recording of another version stays readable.
 */
final class EventFields {
  private static final int TEXTS = 4096;

  /** Addresses and states come again and again, and from the file as a new text each time. */
  private final Map<String, String> texts = new HashMap<>();

  private RecordedEvent event;

  /** These fields, of the given event from now on. */
  EventFields of(RecordedEvent newEvent) {
    event = newEvent;
    return this;
  }

  Instant startTime() {
    return event.getStartTime();
  }

  Instant endTime() {
    return event.getEndTime();
  }

  String text(String field) {
    return value(field) instanceof String text ? shared(text) : null;
  }

  boolean flag(String field) {
    return value(field) instanceof Boolean flag && flag;
  }

  int integer(String field) {
    return value(field) instanceof Number number ? number.intValue() : 0;
  }

  long number(String field) {
    return value(field) instanceof Number number ? number.longValue() : 0;
  }

  Duration duration(String field) {
    Duration duration = durationOrNull(field);
    return duration == null ? Duration.ZERO : duration;
  }

  /** Null if the field is not there, is no duration, or is N/A: the agent could not know it. */
  Duration durationOrNull(String field) {
    if (!(value(field) instanceof Long number) || number == Long.MIN_VALUE) {
      return null;
    }
    try {
      // Not the value itself: only getDuration knows the field's unit.
      return event.getDuration(field);
    } catch (IllegalArgumentException noUnit) {
      return null;
    }
  }

  /** Null if the field is not there or is no time. */
  Instant time(String field) {
    if (!(value(field) instanceof Long)) {
      return null;
    }
    try {
      return event.getInstant(field);
    } catch (IllegalArgumentException noUnit) {
      return null;
    }
  }

  /** Java's name of the thread that committed the event; null if it is not known or has none. */
  String thread() {
    RecordedThread thread = event.getThread();
    return thread == null ? null : thread.getJavaName();
  }

  /** The event's own stack, the innermost frame first. */
  List<String> frames() {
    RecordedStackTrace stack = event.getStackTrace();
    return stack == null ? List.of() : stack.getFrames().stream().map(this::frame).toList();
  }

  private String frame(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    String name = method.getType().getName() + "." + method.getName();
    return shared(frame.getLineNumber() > 0 ? name + ":" + frame.getLineNumber() : name);
  }

  private Object value(String field) {
    return event.hasField(field) ? event.getValue(field) : null;
  }

  private String shared(String text) {
    String known = texts.putIfAbsent(text, text);
    if (known == null && texts.size() > TEXTS) {
      texts.clear();
    }
    return known == null ? text : known;
  }
}
