// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.read;

import dev.tcpstates.jfr.event.SocketWait;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.AnnotationElement;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;

/** Writes the recordings that the tests read. */
final class Recordings {
  private Recordings() {}

  static Path record(Path file, Runnable work) throws IOException {
    try (Recording recording = new Recording()) {
      recording.enable(SocketWait.NAME); // the only one that is off by default
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return file;
  }

  /** Renames an event type, because later JDKs refuse events with names of the JVM's own. */
  static Path renamed(Path file, String type, String sameLength) throws IOException {
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    return Files.writeString(file, bytes.replace(type, sameLength), StandardCharsets.ISO_8859_1);
  }

  /** Commits an event of a type made for the purpose, such as one of another version. */
  static void commit(String name, LinkedHashMap<String, Object> fields) {
    List<ValueDescriptor> descriptors = new ArrayList<>();
    fields.forEach(
        (field, value) -> {
          Class<?> type =
              value instanceof Long
                  ? long.class
                  : value instanceof Integer ? int.class : value.getClass();
          descriptors.add(new ValueDescriptor(type, field));
        });
    EventFactory factory =
        EventFactory.create(List.of(new AnnotationElement(Name.class, name)), descriptors);
    Event event = factory.newEvent();
    int index = 0;
    for (Map.Entry<String, Object> field : fields.entrySet()) {
      event.set(index++, field.getValue());
    }
    event.commit();
    factory.unregister();
  }
}
