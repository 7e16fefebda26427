// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jmc.common.item.IAccessorKey;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** What JDK Mission Control makes of a recording with one event of each type. */
final class JmcEvents {
  private JmcEvents() {}

  /** By event and attribute: the attribute's content type and value. */
  static Map<String, Map<String, String>> load(Path file) throws Exception {
    Map<String, Map<String, String>> events = new HashMap<>();
    for (IItemIterable items : JfrLoaderToolkit.loadEvents(file.toFile())) {
      String name = items.getType().getIdentifier();
      if (name.startsWith("tcpstates.") && items.hasItems()) {
        assertEquals(1, items.getItemCount(), name);
        events.put(name, attributes(items.getType(), items.iterator().next()));
      }
    }
    return events;
  }

  /** The content types of the ids by which JMC joins events. */
  static Map<String, Set<String>> joinKeys(Path file) throws Exception {
    Map<String, Set<String>> keys = new HashMap<>();
    for (IItemIterable items : JfrLoaderToolkit.loadEvents(file.toFile())) {
      for (IAccessorKey<?> attribute : items.getType().getAccessorKeys().keySet()) {
        String id = attribute.getIdentifier();
        if (id.equals("socketId") || id.equals("openSiteId")) {
          keys.computeIfAbsent(id, key -> new HashSet<>())
              .add(attribute.getContentType().getIdentifier());
        }
      }
    }
    return keys;
  }

  private static Map<String, String> attributes(IType<IItem> type, IItem item) {
    Map<String, String> found = new TreeMap<>();
    for (IAccessorKey<?> attribute : type.getAccessorKeys().keySet()) {
      IMemberAccessor<?, IItem> accessor = type.getAccessor(attribute);
      found.put(
          attribute.getIdentifier(),
          attribute.getContentType().getIdentifier() + " " + text(accessor.getMember(item)));
    }
    return found;
  }

  private static String text(Object value) {
    if (value instanceof IQuantity quantity) {
      if (quantity.getType() == UnitLookup.TIMESPAN) {
        return quantity.clampedLongValueIn(UnitLookup.NANOSECOND) + " ns";
      }
      if (quantity.getType() == UnitLookup.MEMORY) {
        return quantity.clampedLongValueIn(UnitLookup.BYTE) + " B";
      }
      return Long.toString(quantity.longValue());
    }
    return String.valueOf(value);
  }
}
