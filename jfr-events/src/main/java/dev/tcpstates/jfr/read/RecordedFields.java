// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

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

/** The fields of an event that was read by Flight Recorder's own API. */
final class RecordedFields extends EventFields {
  private static final int TEXTS = 4096;

  /** Shares equal texts, such as addresses, which the parser creates anew for each event. */
  private final Map<String, String> texts = new HashMap<>();

  private RecordedEvent event;

  /** Makes this the fields of another event. */
  RecordedFields of(RecordedEvent newEvent) {
    event = newEvent;
    return this;
  }

  @Override
  public Instant startTime() {
    return event.getStartTime();
  }

  @Override
  public Instant endTime() {
    return event.getEndTime();
  }

  @Override
  public String text(String field) {
    String text = super.text(field);
    return text == null ? null : shared(text);
  }

  @Override
  public Duration durationOrNull(String field) {
    if (!(value(field) instanceof Long number) || number == Long.MIN_VALUE) {
      return null;
    }
    try {
      // Only getDuration knows the field's unit.
      return event.getDuration(field);
    } catch (IllegalArgumentException noUnit) {
      return null;
    }
  }

  @Override
  public Instant time(String field) {
    if (!(value(field) instanceof Long)) {
      return null;
    }
    try {
      return event.getInstant(field);
    } catch (IllegalArgumentException noUnit) {
      return null;
    }
  }

  @Override
  public String thread() {
    RecordedThread thread = event.getThread();
    return thread == null ? null : thread.getJavaName();
  }

  @Override
  public List<String> frames() {
    RecordedStackTrace stack = event.getStackTrace();
    return stack == null ? List.of() : stack.getFrames().stream().map(this::frame).toList();
  }

  private String frame(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    String name = method.getType().getName() + "." + method.getName();
    return shared(frame.getLineNumber() > 0 ? name + ":" + frame.getLineNumber() : name);
  }

  @Override
  public Object value(String field) {
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
