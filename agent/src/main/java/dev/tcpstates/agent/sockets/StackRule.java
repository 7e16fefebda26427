// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.sockets;

import java.lang.StackWalker.StackFrame;
import java.util.List;

/**
 * Which frames of a stack tell a person who opened the socket: the topmost that belong neither to
 * the JDK nor to a well-known networking library; if all of them do, the topmost outside the JDK's
 * own internals; and if there is none, the topmost.
 */
final class StackRule {
  /** JFR pools strings up to this length in JDK 17 and 21, and writes longer ones each time. */
  static final int MAX_LENGTH = 127;

  private static final String SEPARATOR = " < ";

  private static final List<String> JDK_INTERNAL = List.of("sun.", "jdk.internal.", "com.sun.");
  private static final List<String> JDK = List.of("java.", "javax.", "jdk.");
  private static final List<String> LIBRARIES =
      List.of(
          "com.zaxxer.hikari.",
          "io.grpc.",
          "io.lettuce.",
          "io.netty.",
          "io.undertow.",
          "kotlin.",
          "okhttp3.",
          "okio.",
          "org.apache.catalina.",
          "org.apache.coyote.",
          "org.apache.hc.",
          "org.apache.http.",
          "org.apache.kafka.",
          "org.apache.tomcat.",
          "org.eclipse.jetty.",
          "org.postgresql.",
          "org.xnio.",
          "reactor.",
          "redis.clients.",
          "scala.");

  private StackRule() {}

  /** The telling frames, the topmost first, as many as fit. */
  static String openedBy(List<StackFrame> frames) {
    int first = first(frames, JDK_INTERNAL, JDK, LIBRARIES);
    if (first < 0) {
      first = first(frames, JDK_INTERNAL);
    }
    if (first < 0) {
      return frames.isEmpty() ? "no Java frame" : cut(text(frames.get(0)));
    }
    StringBuilder text = new StringBuilder(cut(text(frames.get(first))));
    for (StackFrame frame : frames.subList(first + 1, frames.size())) {
      if (!isOf(frame, JDK_INTERNAL) && !isOf(frame, JDK)) {
        String next = text(frame);
        if (text.length() + SEPARATOR.length() + next.length() > MAX_LENGTH) {
          break;
        }
        text.append(SEPARATOR).append(next);
      }
    }
    return text.toString();
  }

  /** All frames as text, one a line. */
  static String stack(List<StackFrame> frames) {
    StringBuilder text = new StringBuilder();
    for (StackFrame frame : frames) {
      text.append(text.isEmpty() ? "" : "\n").append(text(frame));
    }
    return text.toString();
  }

  @SafeVarargs
  private static int first(List<StackFrame> frames, List<String>... skipped) {
    for (int i = 0; i < frames.size(); i++) {
      boolean skip = false;
      for (List<String> prefixes : skipped) {
        skip |= isOf(frames.get(i), prefixes);
      }
      if (!skip) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isOf(StackFrame frame, List<String> prefixes) {
    for (String prefix : prefixes) {
      if (frame.getClassName().startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  private static String text(StackFrame frame) {
    int line = frame.getLineNumber();
    return frame.getClassName()
        + "."
        + frame.getMethodName()
        + (line > 0 ? ":" + line : frame.isNativeMethod() ? ":native" : "");
  }

  /** Keeps the end, which holds the method and line. */
  private static String cut(String text) {
    return text.length() <= MAX_LENGTH
        ? text
        : "…" + text.substring(text.length() - MAX_LENGTH + 1);
  }
}
