// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.StackText;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
      text.append("  ").append(endpoints(socket.view()));
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

  /** Such as {@code 127.0.0.1:45678 > 192.0.2.1:443}. */
  static String endpoints(TcpSocket socket) {
    if (socket.localAddress() == null && socket.address() == null) {
      return "address not recorded";
    }
    String local = Words.address(socket.localAddress(), socket.localPort());
    return socket.kind() == SocketKind.LISTEN
        ? local
        : local + " > " + Words.address(socket.address(), socket.port());
  }

  static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.3f ms", time.toNanos() / 1e6);
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
    for (String line : StackText.lines(stack.subList(0, shown))) {
      text.append("    ").append(line).append('\n');
    }
    if (shown < stack.size()) {
      text.append("    ... ").append(stack.size() - shown).append(" more\n");
    }
  }

  private static boolean isRunner(String frame) {
    return RUNNERS.stream().anyMatch(frame::startsWith);
  }

  /**
   * Returns the text for an assertion that a sampled recording can't prove.
   *
   * @param why a further reason; may be null
   */
  static String unproven(String why, Moment moment) {
    return cantBeProven(
        "the recording is "
            + String.join("; and ", moment.limits().sampled())
            + (why == null ? "" : "; and " + why),
        moment);
  }

  /** Returns the text for an assertion that a recording can't prove. */
  static String cantBeProven(String why, Moment moment) {
    return "Can't be proven, because " + why + "\n\n" + recording(moment);
  }

  /** Returns the text for an assertion on a selection without sockets. */
  static String nothingSelected(String selection, Moment moment) {
    return "Nothing to judge: "
        + selection
        + " selects none of the test's "
        + Words.count(moment.sockets(socket -> true).size(), "socket")
        + "; allowEmpty() lets that pass\n\n"
        + recording(moment);
  }

  /** The sentence that names the recording's file. */
  static String recording(Moment moment) {
    return "The recording, if it is kept: " + moment.file();
  }
}
