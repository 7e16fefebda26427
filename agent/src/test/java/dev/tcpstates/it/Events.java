// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Events as they are in a recording. */
final class Events {
  private Events() {}

  /** The events of one type, in the order of time. */
  static List<RecordedEvent> of(Path recording, String type) throws IOException {
    return RecordingFile.readAllEvents(recording).stream()
        .filter(event -> event.getEventType().getName().equals("tcpstates." + type))
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  /** What a StateCount says, without the states that nothing is in. */
  static Map<String, Integer> states(RecordedEvent count) {
    Map<String, Integer> states = new TreeMap<>();
    for (ValueDescriptor field : count.getFields()) {
      if (field.getName().startsWith("in") && count.getInt(field.getName()) != 0) {
        String state = field.getName().substring(2).replaceAll("(?<=[a-z])(?=[A-Z])", "_");
        states.put(state.toUpperCase(Locale.ROOT), count.getInt(field.getName()));
      }
    }
    return states;
  }

  /** Waits until a condition holds. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 1_000; i++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no " + what + " within 20 s");
  }
}
