// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import java.util.List;

/**
 * The classes that Flight Recorder would load in the midst of writing an event. An agent whose
 * transformer looks at each class runs then, and what it does damages the event, and so the chunk:
 * seen on JDK 25 with {@code Bits} and the agent of transmittable-thread-local.
 */
final class WriterClasses {
  private static final List<String> NAMES =
      List.of(
          "jdk.jfr.internal.Bits",
          "jdk.jfr.internal.StringPool",
          "jdk.jfr.internal.consumer.StringParser$Encoding");

  private WriterClasses() {}

  /** Loads them. To be called before the first event. */
  static void load() {
    for (String name : NAMES) {
      try {
        Class.forName(name, true, null);
      } catch (ClassNotFoundException | LinkageError e) {
        // Another JDK, which has others.
      }
    }
  }
}
