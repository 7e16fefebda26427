// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.Locale;

/** Where the agent takes the sockets from. Immutable. */
enum WantedSource {
  /** The node program if there is one, else programs of its own if permitted, else by polling. */
  AUTO,

  /** Programs that this JVM loads; else by polling. */
  OWN,

  /** The programs that the node program has loaded; else by polling. */
  NODE,

  /** By polling. */
  SAMPLED;

  static WantedSource parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Returns the name that users write and read. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
