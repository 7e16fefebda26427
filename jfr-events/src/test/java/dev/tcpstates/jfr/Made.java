// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the record of an event by the names of its components, as of a recording that has only
 * these fields. So a new component breaks no test.
 */
public final class Made<T extends Record> {
  private final Class<T> type;
  private final Map<String, Object> values = new HashMap<>();

  private Made(Class<T> type) {
    this.type = type;
  }

  public static <T extends Record> Made<T> of(Class<T> type) {
    return new Made<>(type);
  }

  public Made<T> with(String component, Object value) {
    values.put(component, value);
    return this;
  }

  public T make() {
    List<Class<?>> types = new ArrayList<>();
    List<Object> arguments = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      types.add(component.getType());
      arguments.add(values.containsKey(name) ? values.remove(name) : unknown(component));
    }
    if (!values.isEmpty()) {
      throw new IllegalArgumentException(type + " has no " + values.keySet());
    }
    try {
      return type.getConstructor(types.toArray(Class[]::new)).newInstance(arguments.toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type + " of " + arguments, e);
    }
  }

  /** As {@link SocketEvent} says. */
  private static Object unknown(RecordComponent component) {
    Class<?> type = component.getType();
    if (type.isPrimitive()) {
      return Array.get(Array.newInstance(type, 1), 0);
    }
    if (type == Duration.class && !component.isAnnotationPresent(NullIfUnknown.class)) {
      return Duration.ZERO;
    }
    return type == Instant.class ? Instant.EPOCH : type == List.class ? List.of() : null;
  }
}
