// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.Locale;

/** The threads of which it is recorded what started them. */
enum WatchedThreads {
  NONE,
  PLATFORM,
  /** Virtual threads, too. */
  ALL;

  /** The value of the option. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static WatchedThreads of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
