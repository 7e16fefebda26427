// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.analysis.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The message of a failed assertion: the offending sockets by their opening stack. */
final class FailureText {
  private static final int MOST_STACKS = 5;
  private static final int MOST_SOCKETS = 10;

  /** Test runners, whose frames are at the root of every stack and are not printed. */
  private static final List<String> RUNNERS =
      List.of(
          "java.",
          "jdk.",
          "sun.",
          "org.junit.",
          "org.apache.maven.surefire.",
          "org.gradle.",
          "worker.org.gradle.",
          "com.intellij.rt.",
          "com.sun.proxy.",
          "org.eclipse.jdt.internal.");

  private FailureText() {}

  /**
   * Returns the text.
   *
   * @param sentence what is wrong
   * @param offenders the sockets that break the assertion
   * @param note is printed after each socket's addresses
   */
  static String of(
      String sentence,
      List<TestSocket> offenders,
      Function<TestSocket, String> note,
      Moment moment) {
    Map<Object, List<TestSocket>> byStack = new LinkedHashMap<>();
    for (TestSocket socket : offenders) {
      Object opener = socket.stack().isEmpty() ? socket.life().opener().openedBy() : socket.stack();
      byStack.computeIfAbsent(opener, key -> new ArrayList<>()).add(socket);
    }
    StringBuilder text = new StringBuilder(sentence).append('\n');
    byStack.values().stream()
        .limit(MOST_STACKS)
        .forEach(sockets -> append(text, sockets, offenders.size(), note));
    if (byStack.size() > MOST_STACKS) {
      text.append("\nand others, opened in ")
          .append(byStack.size() - MOST_STACKS)
          .append(" other ways\n");
    }
    return text.append('\n').append(recording(moment)).toString();
  }

  private static void append(
      StringBuilder text, List<TestSocket> sockets, int all, Function<TestSocket, String> note) {
    text.append('\n').append(sockets.size());
    if (sockets.size() < all) {
      text.append(" of them");
    }
    text.append(" opened here:\n");
    appendStack(text, sockets.get(0));
    for (TestSocket socket : sockets.subList(0, Math.min(sockets.size(), MOST_SOCKETS))) {
      text.append("  ").append(endpoints(socket));
      text.append("  ").append(note.apply(socket));
      text.append("  (socket ").append(Long.toHexString(socket.life().socketId()));
      if (socket.life().thread() != null) {
        text.append(", thread \"").append(socket.life().thread()).append('"');
      }
      text.append(")\n");
    }
    if (sockets.size() > MOST_SOCKETS) {
      text.append("  and ").append(sockets.size() - MOST_SOCKETS).append(" more\n");
    }
  }

  private static String endpoints(TestSocket socket) {
    SocketEvent last = socket.last();
    if (last == null) {
      return "address not recorded";
    }
    String local = Words.address(last.localAddress(), last.localPort());
    return socket.isListener() ? local : local + " > " + Words.address(last.address(), last.port());
  }

  private static void appendStack(StringBuilder text, TestSocket socket) {
    List<String> stack = socket.stack();
    if (stack.isEmpty()) {
      text.append("    (").append(socket.life().opener().openedBy()).append(")\n");
      return;
    }
    int shown = stack.size();
    while (shown > 0 && isRunner(stack.get(shown - 1))) {
      shown--;
    }
    shown = shown == 0 ? stack.size() : shown;
    for (String frame : stack.subList(0, shown)) {
      text.append("    at ").append(traceElement(frame)).append('\n');
    }
    if (shown < stack.size()) {
      text.append("    ... ").append(stack.size() - shown).append(" more\n");
    }
  }

  private static boolean isRunner(String frame) {
    return RUNNERS.stream().anyMatch(frame::startsWith);
  }

  /** {@code a.B.c:1} as {@code a.B.c(B.java:1)}, where consoles and IDEs make it a link. */
  private static String traceElement(String frame) {
    int colon = frame.lastIndexOf(':');
    int method = frame.lastIndexOf('.', colon < 0 ? frame.length() : colon);
    if (method < 0) {
      return frame;
    }
    if (colon < 0 || frame.endsWith(":native")) {
      return frame.substring(0, colon < 0 ? frame.length() : colon)
          + (colon < 0 ? "(Unknown Source)" : "(Native Method)");
    }
    String type = frame.substring(frame.lastIndexOf('.', method - 1) + 1, method);
    String file = type.replaceFirst("\\$.*", "") + ".java";
    return frame.substring(0, colon) + "(" + file + frame.substring(colon) + ")";
  }

  /**
   * Returns the text for an assertion that a sampled recording can't prove.
   *
   * @param why a further reason; may be null
   */
  static String unproven(String why, Moment moment) {
    return "Can't be proven, because the recording is "
        + String.join("; and ", moment.limits().sampled())
        + (why == null ? "" : "; and " + why)
        + "\n\n"
        + recording(moment);
  }

  /** The sentence that names the recording's file. */
  static String recording(Moment moment) {
    return "The recording, if it is kept: " + moment.file();
  }
}
