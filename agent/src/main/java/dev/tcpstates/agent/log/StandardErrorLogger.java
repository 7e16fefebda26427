// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.log;

import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** One message, one line: {@code tcpstates-agent: text}. Errors and warnings say which they are. */
final class StandardErrorLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  StandardErrorLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return Loggers.prints(Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return Loggers.prints(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return Loggers.prints(Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return Loggers.prints(Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return Loggers.prints(Level.ERROR);
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable throwable) {
    StringBuilder line = new StringBuilder("tcpstates-agent: ");
    if (level != Level.INFO) {
      line.append(level).append(' ');
    }
    line.append(MessageFormatter.basicArrayFormat(pattern, arguments));
    if (throwable != null) {
      line.append(": ").append(throwable);
    }
    System.err.println(line);
    if (throwable != null && isDebugEnabled()) {
      throwable.printStackTrace();
    }
  }
}
