// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Recording;
import jdk.jfr.Timespan;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/**
 * Every field of every event, as JDK Mission Control understands it: a time as a time, bytes as
 * memory, and so on, with its whole value and the label of the annotation.
 */
class JmcAttributesTest {
  /** Above what a double holds exactly, so that a detour over one would show. */
  private static final long BIG = (1L << 53) + 1;

  @TempDir static Path dir;

  /** By event: attribute id to content type, name and value. */
  private static final Map<String, Map<String, String>> FOUND = new HashMap<>();

  static List<Class<? extends Event>> events() {
    return EventMetadataTest.EVENTS;
  }

  @BeforeAll
  static void recordAndLoad() throws Exception {
    Path file = dir.resolve("attributes.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      for (Class<? extends Event> type : EventMetadataTest.EVENTS) {
        Event event = type.getConstructor().newInstance();
        for (Field field : fields(type)) {
          field.set(event, value(field));
        }
        event.commit();
      }
      recording.stop();
      recording.dump(file);
    }
    for (IItemIterable items : JfrLoaderToolkit.loadEvents(file.toFile())) {
      for (IItem item : items) {
        FOUND.put(items.getType().getIdentifier(), attributes(items.getType(), item));
      }
    }
  }

  private static Object value(Field field) {
    int number = Math.floorMod(field.getName().hashCode(), 10_000);
    if (field.getType() == long.class) {
      return BIG + number;
    }
    if (field.getType() == int.class) {
      return number;
    }
    return field.getType() == boolean.class ? true : "text of " + field.getName();
  }

  @ParameterizedTest
  @MethodSource("events")
  void eachFieldIsAnAttributeWithItsUnit(Class<? extends Event> type) {
    Map<String, String> expected = new TreeMap<>();
    for (Field field : fields(type)) {
      String label = field.getAnnotation(Label.class).value();
      expected.put(field.getName(), contentType(field) + ", \"" + label + "\", " + value(field));
    }
    Map<String, String> found =
        new TreeMap<>(FOUND.getOrDefault("tcpstates." + type.getSimpleName(), Map.of()));
    found.keySet().retainAll(expected.keySet());
    assertEquals(expected, found);
  }

  /** By what the field says of itself. */
  private static String contentType(Field field) {
    if (field.isAnnotationPresent(Timespan.class)) {
      return "timespan";
    }
    if (field.isAnnotationPresent(DataAmount.class)) {
      return "memory";
    }
    Class<?> type = field.getType();
    if (type == int.class) {
      return "number";
    }
    if (type == long.class) {
      return "raw number";
    }
    return type == boolean.class ? "boolean" : "text";
  }

  private static Map<String, String> attributes(IType<IItem> type, IItem item) {
    Map<String, String> found = new HashMap<>();
    type.getAccessorKeys()
        .forEach(
            (attribute, described) ->
                found.put(
                    attribute.getIdentifier(),
                    attribute.getContentType().getIdentifier()
                        + ", \""
                        + described.getName()
                        + "\", "
                        + plain(type.getAccessor(attribute).getMember(item))));
    return found;
  }

  private static Object plain(Object value) {
    if (value instanceof IQuantity quantity) {
      if (quantity.getType() == UnitLookup.TIMESPAN) {
        return quantity.clampedLongValueIn(UnitLookup.NANOSECOND);
      }
      if (quantity.getType() == UnitLookup.MEMORY) {
        return quantity.clampedLongValueIn(UnitLookup.BYTE);
      }
      return quantity.longValue();
    }
    return value;
  }

  private static List<Field> fields(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        // The others are JFR's own.
        .filter(field -> Modifier.isPublic(field.getModifiers()))
        .toList();
  }
}
