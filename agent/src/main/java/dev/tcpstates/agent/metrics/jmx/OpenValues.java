// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.jmx;

import java.util.Map;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;

/** Trees of maps as composite data, which every client of JMX can show. */
final class OpenValues {
  private OpenValues() {}

  /** The type of a value: a Long, a Double, a String, an array of Strings or a map of such. */
  static OpenType<?> type(String name, Object value) {
    try {
      if (value instanceof Map<?, ?> map) {
        String[] keys = map.keySet().toArray(String[]::new);
        OpenType<?>[] types = new OpenType<?>[keys.length];
        for (int i = 0; i < keys.length; i++) {
          types[i] = type(keys[i], map.get(keys[i]));
        }
        return new CompositeType(name, name, keys, keys, types);
      }
      if (value instanceof String[]) {
        return ArrayType.getArrayType(SimpleType.STRING);
      }
    } catch (OpenDataException e) {
      throw new IllegalStateException(e);
    }
    return value instanceof Long
        ? SimpleType.LONG
        : value instanceof Double ? SimpleType.DOUBLE : SimpleType.STRING;
  }

  /** The value for a client. */
  static Object open(String name, Object value) {
    if (value instanceof Map<?, ?> map) {
      CompositeType type = (CompositeType) type(name, value);
      String[] keys = map.keySet().toArray(String[]::new);
      Object[] values = new Object[keys.length];
      for (int i = 0; i < keys.length; i++) {
        values[i] = open(keys[i], map.get(keys[i]));
      }
      try {
        return new CompositeDataSupport(type, keys, values);
      } catch (OpenDataException e) {
        throw new IllegalStateException(e);
      }
    }
    return value;
  }
}
