// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.NullIfUnknown;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads an event into a record: each component from the field with its name, and times from the
 * event's start and end.
 */
final class RecordReader<T extends Record> implements Function<EventFields, T> {
  /** Components for the start of an event; all other times are its end. */
  private static final Set<String> STARTS = Set.of("startTime", "from");

  private final Constructor<T> constructor;
  private final List<Function<EventFields, Object>> components;

  RecordReader(Class<T> type) {
    Stream<RecordComponent> all = Arrays.stream(type.getRecordComponents());
    Class<?>[] types = all.map(RecordComponent::getType).toArray(Class[]::new);
    try {
      constructor = type.getConstructor(types);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " is not public", e);
    }
    components = Arrays.stream(type.getRecordComponents()).map(RecordReader::reader).toList();
  }

  @Override
  public T apply(EventFields fields) {
    try {
      return constructor.newInstance(components.stream().map(c -> c.apply(fields)).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("can't make a " + constructor.getDeclaringClass(), e);
    }
  }

  private static Function<EventFields, Object> reader(RecordComponent component) {
    String name = component.getName();
    Class<?> type = component.getType();
    if (type == Instant.class) {
      return STARTS.contains(name) ? EventFields::startTime : EventFields::endTime;
    }
    if (type == Duration.class) {
      return component.isAnnotationPresent(NullIfUnknown.class)
          ? fields -> fields.durationOrNull(name)
          : fields -> fields.duration(name);
    }
    if (type == String.class) {
      return fields -> fields.text(name);
    }
    if (type.isEnum()) {
      return fields -> constant(type, fields.text(name));
    }
    if (type == List.class) {
      return fields -> lines(fields.text(name));
    }
    if (type == boolean.class) {
      return fields -> fields.flag(name);
    }
    return type == int.class ? fields -> fields.integer(name) : fields -> fields.number(name);
  }

  /** The constant with this name; null if there is none, as in a recording of a later version. */
  static <E> E constant(Class<E> type, String name) {
    for (E constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    return null;
  }

  private static List<String> lines(String text) {
    return text == null ? List.of() : text.lines().toList();
  }
}
