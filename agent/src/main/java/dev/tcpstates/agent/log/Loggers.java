// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.log;

import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * SLF4J to standard error. Its LoggerFactory would look for providers, which takes 10 to 20 ms of
 * the start, and slf4j-simple would take its settings, and so where its lines go, from the
 * application's system properties.
 */
public final class Loggers {
  private static volatile int threshold = Level.INFO.toInt();

  private Loggers() {}

  /** Returns a logger for a class. */
  public static Logger of(Class<?> type) {
    return new StandardErrorLogger(type.getName());
  }

  /** Sets the lowest level that is printed; {@code null} for none at all. */
  public static void level(Level lowest) {
    threshold = lowest == null ? Integer.MAX_VALUE : lowest.toInt();
  }

  /** Sees to it that this level is printed. */
  public static void atLeast(Level level) {
    threshold = Math.min(threshold, level.toInt());
  }

  static boolean prints(Level level) {
    return level.toInt() >= threshold;
  }
}
