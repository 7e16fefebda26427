// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.log;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * SLF4J to standard error. slf4j-simple would take its settings, and so where its lines go, from
 * the application's system properties.
 */
public final class StandardErrorProvider implements SLF4JServiceProvider {
  private static volatile int threshold = Level.INFO.toInt();

  private final ConcurrentMap<String, Logger> loggers = new ConcurrentHashMap<>();
  private final IMarkerFactory markers = new BasicMarkerFactory();

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

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> loggers.computeIfAbsent(name, StandardErrorLogger::new);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return new NOPMDCAdapter();
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}
}
