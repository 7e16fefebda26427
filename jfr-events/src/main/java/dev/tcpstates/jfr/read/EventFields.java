// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The fields of one event by name, from any API that reads recordings. A field that the event
 * lacks, or has with another type, is null, 0, false or zero, so that a recording of another
 * version stays readable.
 */
public abstract class EventFields {
  /** For a subclass that knows one API. */
  protected EventFields() {}

  public abstract Instant startTime();

  /** The start time if the event has no duration. */
  public abstract Instant endTime();

  /** A {@link String}, {@link Boolean} or {@link Number}; null if the event lacks the field. */
  public abstract Object value(String field);

  /** Null if the event lacks the field, the field is no duration, or its value is N/A. */
  public abstract Duration durationOrNull(String field);

  /** Null if the event lacks the field or the field is no time. */
  public abstract Instant time(String field);

  /** Java's name of the thread that committed the event; null if unknown or if it has no name. */
  public abstract String thread();

  /** The event's stack trace, the innermost frame first; empty if there is none. */
  public abstract List<String> frames();

  public String text(String field) {
    return value(field) instanceof String text ? text : null;
  }

  public final boolean flag(String field) {
    return value(field) instanceof Boolean flag && flag;
  }

  public final int integer(String field) {
    return value(field) instanceof Number number ? number.intValue() : 0;
  }

  public final long number(String field) {
    return value(field) instanceof Number number ? number.longValue() : 0;
  }

  public final Duration duration(String field) {
    Duration duration = durationOrNull(field);
    return duration == null ? Duration.ZERO : duration;
  }
}
