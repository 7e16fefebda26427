// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes records for other programs, one per line. The fields have the names of the event's fields.
 * Times are in ISO 8601, durations in nanoseconds.
 */
public final class RecordWriter<T extends Record> implements RowSink<T> {
  private final Output out;
  private final boolean json;
  private final RecordComponent[] fields;
  private boolean headed;

  /**
   * @param format {@link Format#csv} or {@link Format#json}
   */
  RecordWriter(Output out, Format format, Class<T> type) {
    this.out = out;
    this.json = format == Format.json;
    this.fields = type.getRecordComponents();
  }

  /** Returns a writer of rows that are separated by commas. */
  public static <T extends Record> RecordWriter<T> csv(Output out, Class<T> type) {
    return new RecordWriter<>(out, Format.csv, type);
  }

  @Override
  public void accept(T row) {
    end();
    String values =
        Arrays.stream(fields)
            .map(
                field ->
                    json ? name(field) + ":" + json(value(row, field)) : csv(value(row, field)))
            .collect(Collectors.joining(","));
    out.line(json ? "{" + values + "}" : values);
  }

  @Override
  public void end() {
    if (!headed && !json) {
      out.line(
          Arrays.stream(fields).map(RecordComponent::getName).collect(Collectors.joining(",")));
    }
    headed = true;
  }

  private static String name(RecordComponent field) {
    return '"' + field.getName() + '"';
  }

  private static Object value(Record row, RecordComponent field) {
    try {
      Method accessor = field.getAccessor();
      accessor.setAccessible(true); // the record may be private
      return accessor.invoke(row);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String csv(Object value) {
    if (value instanceof List<?> list) {
      return csv(list.stream().map(String::valueOf).collect(Collectors.joining("\n")));
    }
    return quoted(value == null ? null : plain(value));
  }

  /** Returns a field of RFC 4180; an empty one for null. */
  static String quoted(String text) {
    return text == null
        ? ""
        : text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** Returns a value as JSON; a record becomes an object with its fields. */
  public static String json(Object value) {
    if (value instanceof Record object) {
      return Arrays.stream(object.getClass().getRecordComponents())
          .map(field -> name(field) + ":" + json(value(object, field)))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (value == null || value instanceof Boolean || isNumber(value)) {
      return value == null ? "null" : plain(value);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RecordWriter::json).collect(Collectors.joining(",", "[", "]"));
    }
    return string(plain(value));
  }

  private static boolean isNumber(Object value) {
    return value instanceof Number || value instanceof Duration;
  }

  private static String plain(Object value) {
    if (value instanceof Duration duration) {
      return Long.toString(duration.toNanos());
    }
    return String.valueOf(value);
  }

  private static String string(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '"' || next == '\\') {
        json.append('\\').append(next);
      } else if (next < ' ' || Character.isSurrogate(next)) {
        json.append(String.format("\\u%04x", (int) next));
      } else {
        json.append(next);
      }
    }
    return json.append('"').toString();
  }
}
