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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Recording;
import jdk.jfr.Timespan;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/**
 * Every field of every event, as JDK Mission Control reads it: a time as a time, bytes as memory,
 * and so on, with its whole value and the label of the annotation.
 */
class JmcAttributesTest {
  /** Above what a double holds exactly, so that a conversion to one would show. */
  private static final long BIG = (1L << 53) + 1;

  @TempDir static Path dir;

  /** By event: attribute id to content type, name and value. */
  private static final Map<String, Map<String, String>> FOUND = new HashMap<>();

  /** The same of an event without values. */
  private static final Map<String, Map<String, String>> EMPTY = new HashMap<>();

  static List<Class<? extends Event>> events() {
    return EventMetadataTest.EVENTS;
  }

  @BeforeAll
  static void recordAndLoad() throws Exception {
    FOUND.putAll(
        load(
            () -> {
              for (Class<? extends Event> type : events()) {
                Event event = type.getConstructor().newInstance();
                for (Field field : fields(type)) {
                  field.set(event, value(field));
                }
                event.commit();
              }
              return null;
            }));
    Connection connection = new Connection();
    connection.timeFinWait = Long.MIN_VALUE;
    EMPTY.putAll(
        load(
            () -> {
              connection.commit();
              return null;
            }));
  }

  private static Map<String, Map<String, String>> load(Callable<Void> work) throws Exception {
    Path file = dir.resolve("attributes.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(SocketWait.NAME);
      recording.start();
      work.call();
      recording.stop();
      recording.dump(file);
    }
    Map<String, Map<String, String>> found = new HashMap<>();
    for (IItemIterable items : JfrLoaderToolkit.loadEvents(file.toFile())) {
      for (IItem item : items) {
        found.put(items.getType().getIdentifier(), attributes(items.getType(), item));
      }
    }
    return found;
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

  @Test
  void onlySocketOpenHasAStackTrace() {
    assertEquals(
        List.of(SocketOpen.NAME),
        FOUND.keySet().stream()
            .filter(name -> name.startsWith("tcpstates."))
            .filter(name -> !FOUND.get(name).get("stackTrace").endsWith(" null"))
            .toList());
  }

  @Test
  void unknownValuesAreNull() {
    assertEquals("text, \"Opened By\", null", EMPTY.get(Connection.NAME).get("openedBy"));
  }

  /** JMC 9.1 does not know N/A and shows -292 years, which no reader takes for a real time. */
  @Test
  void notAvailableIsTheSmallestTime() {
    assertEquals(
        "timespan, \"Time Fin Wait\", " + Long.MIN_VALUE,
        EMPTY.get(Connection.NAME).get("timeFinWait"));
  }

  /** JMC joins events by attribute id and content type. */
  @ParameterizedTest
  @ValueSource(strings = {"socketId", "openSiteId"})
  void joinKeysHaveOneTypeEverywhere(String key) {
    assertEquals(
        Set.of("raw number"),
        FOUND.values().stream()
            .filter(event -> event.containsKey(key))
            .map(event -> event.get(key).split(",")[0])
            .collect(Collectors.toSet()));
  }

  /** From the field's annotations and type. */
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
    return Arrays.stream(type.getFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .toList();
  }
}
