// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.log.silent;

/**
 * Stands in for {@code java.util.logging.Logger} in JNA, and says nothing: the build points JNA's
 * references here. The first use of the real one would fix the application's LogManager before its
 * main method could choose one.
 */
public final class Logger {
  private static final Logger SILENT = new Logger();

  private Logger() {}

  public static Logger getLogger(String name) {
    return SILENT;
  }

  public boolean isLoggable(Level level) {
    return false;
  }

  public void log(Level level, String message) {}

  public void log(Level level, String message, Object parameter) {}

  public void log(Level level, String message, Object[] parameters) {}

  public void log(Level level, String message, Throwable thrown) {}
}
