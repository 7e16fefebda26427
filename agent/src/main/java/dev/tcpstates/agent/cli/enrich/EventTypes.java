// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.EventType;

/**
 * The event types of all chunks so far, in the order of their appearance. The writer numbers types
 * in this order, and Java's reader expects a number to mean the same type in all chunks of a file.
 * So each chunk begins with the types of the previous chunks.
 */
final class EventTypes {
  private final List<EventType> inOrder = new ArrayList<>();
  private final Map<String, String> fields = new HashMap<>();

  List<EventType> all() {
    return List.copyOf(inOrder);
  }

  /**
   * Adds a type that a chunk has.
   *
   * @throws UncheckedIOException if another chunk has one of this name with other fields
   */
  void add(EventType type) {
    String own =
        type.getFields().stream()
            .map(field -> field.getTypeName() + " " + field.getName())
            .collect(Collectors.joining(", "));
    String known = fields.putIfAbsent(type.getName(), own);
    if (known == null) {
      inOrder.add(type);
    } else if (!known.equals(own)) {
      throw new UncheckedIOException(
          new IOException(
              "the recordings are of different versions ("
                  + type.getName()
                  + " has other fields); copy them one by one"));
    }
  }
}
