// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** The text of an opener: frames, the innermost first, separated by {@code " < "}. */
public final class OpenedBy {
  public static final String SEPARATOR = " < ";
  private static final String CUT = "...";

  private OpenedBy() {}

  /** The first frame: the line of code nearest to the opening; the whole text if it is none. */
  public static String firstFrame(String openedBy) {
    return openedBy.split(SEPARATOR, 2)[0];
  }

  /**
   * Shortens the text: writes packages as initials, then drops callers, and at last cuts off the
   * start of the frame, because its end says more.
   *
   * @param room the length of the result in characters, at least 3
   */
  public static String shorten(String openedBy, int room) {
    if (openedBy.length() <= room) {
      return openedBy;
    }
    String[] frames = openedBy.split(SEPARATOR);
    StringBuilder text = new StringBuilder(initials(frames[0]));
    for (int i = 1; i < frames.length; i++) {
      String next = SEPARATOR + initials(frames[i]);
      if (text.length() + next.length() > room) {
        break;
      }
      text.append(next);
    }
    return text.length() <= room ? text.toString() : cut(text.toString(), room);
  }

  /**
   * {@code com.shop.Client.ask:12} as {@code c.s.Client.ask:12}; returns a text that is no frame.
   */
  private static String initials(String frame) {
    if (frame.indexOf(' ') >= 0) {
      return frame;
    }
    String[] names = frame.split("\\.");
    for (int i = 0; i < names.length - 2; i++) {
      names[i] = names[i].substring(0, Math.min(1, names[i].length()));
    }
    return String.join(".", names);
  }

  private static String cut(String text, int room) {
    int kept = Math.max(0, room - CUT.length());
    return text.indexOf(' ') >= 0
        ? text.substring(0, kept) + CUT
        : CUT + text.substring(text.length() - kept);
  }
}
