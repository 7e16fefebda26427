// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** The text that tells who opened a socket: frames, the innermost first, with {@code <} between. */
public final class OpenedBy {
  private static final String SEPARATOR = " < ";
  private static final String CUT = "...";

  private OpenedBy() {}

  /**
   * Shortens the text to so many characters, but three at least: by writing packages as initials,
   * then by leaving out callers, and at last by cutting off the begin of the frame, whose end tells
   * most.
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

  /** {@code com.shop.Client.ask:12} as {@code c.s.Client.ask:12}; a text that is no frame as is. */
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
