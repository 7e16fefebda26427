// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.OpenedBy;
import java.util.ArrayList;
import java.util.List;

/** The lines of an opening stack for people: the JDK's frames are folded. */
public final class StackText {
  private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");
  private static final String NATIVE = ":native";

  private StackText() {}

  /**
   * Returns the lines of a stack. The JDK's frames above the first other one of a thread, and
   * several of them in a row below it, are one line.
   *
   * @param frames the innermost first, as {@code pkg.Class.method:line}
   */
  public static List<String> lines(List<String> frames) {
    List<String> lines = new ArrayList<>();
    int first = 0;
    while (first < frames.size()) {
      int end = first;
      while (end < frames.size() && isJdk(frames.get(end))) {
        end++;
      }
      boolean onlyJdk = first == 0 && end == frames.size();
      if (!onlyJdk && (end - first > 1 || end - first == 1 && isTop(frames, first))) {
        lines.add("... " + Words.count(end - first, "JDK frame"));
        first = end;
      } else {
        String frame = frames.get(first++);
        lines.add(OpenedBy.isMark(frame) ? frame : "at " + traceElement(frame));
      }
    }
    return lines;
  }

  /** Whether the frame is the innermost one of a thread. */
  private static boolean isTop(List<String> frames, int frame) {
    return frame == 0 || OpenedBy.isMark(frames.get(frame - 1));
  }

  private static boolean isJdk(String frame) {
    return JDK.stream().anyMatch(frame::startsWith);
  }

  /**
   * {@code a.B$C.d:7} as {@code a.B$C.d(B.java:7)}, where consoles and IDEs make it a link; returns
   * a text that is no frame.
   */
  private static String traceElement(String frame) {
    boolean isNative = frame.endsWith(NATIVE);
    int colon = frame.lastIndexOf(':');
    boolean line = colon > 0 && frame.substring(colon + 1).matches("\\d{1,9}");
    String name = isNative || line ? frame.substring(0, colon) : frame;
    int method = name.lastIndexOf('.');
    if (name.indexOf(' ') >= 0 || method <= 0) {
      return frame;
    }
    String type = name.substring(name.lastIndexOf('.', method - 1) + 1, method);
    String place =
        isNative
            ? "Native Method"
            : line
                ? type.replaceFirst("\\$.*", "") + ".java" + frame.substring(colon)
                : "Unknown Source";
    return name + "(" + place + ")";
  }
}
