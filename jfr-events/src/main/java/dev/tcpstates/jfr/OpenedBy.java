// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.List;

/**
 * The text of an opener: frames, the innermost first, separated by {@code " < "}.
 *
 * <p>They are the application's if the stack has any. Otherwise they are a library's, and the last
 * piece is {@code thread started by} and the frame that started the thread, or {@code unknown
 * code}; or {@code submitted by} and the frame that submitted the task. The first piece of an
 * accepted socket without a frame of the application is {@code accepted at port} and the listener's
 * port, and the opener of the listener follows.
 */
public final class OpenedBy {
  public static final String SEPARATOR = " < ";

  /** Stands before the frame that started the thread. In a stack, a line of its own. */
  public static final String THREAD_START = "thread started by";

  /** Stands before the frame that submitted the task. In a stack, a line of its own. */
  public static final String TASK_SUBMIT = "submitted by";

  private static final List<String> MARKS = List.of(THREAD_START, TASK_SUBMIT);
  private static final String UNKNOWN_START = SEPARATOR + THREAD_START + " unknown code";
  private static final String ACCEPTED = "accepted at port ";
  private static final String IN_THREAD = ", in \"";
  private static final String CUT = "...";

  private OpenedBy() {}

  /** Whether the frames are the application's, as far as the agent can know. */
  public static boolean isApplication(String openedBy) {
    return startOf(openedBy) < 0;
  }

  /** Whether a line of a stack is {@link #THREAD_START} or {@link #TASK_SUBMIT}. */
  public static boolean isMark(String line) {
    return MARKS.contains(line);
  }

  /** Where the last piece and its separator begin, if it is a mark and a frame; else negative. */
  private static int startOf(String openedBy) {
    int last = openedBy.lastIndexOf(SEPARATOR);
    return last >= 0 && mark(openedBy.substring(last + SEPARATOR.length())) != null ? last : -1;
  }

  /** The mark that a piece begins with, or null. */
  private static String mark(String piece) {
    return MARKS.stream().filter(mark -> piece.startsWith(mark + " ")).findFirst().orElse(null);
  }

  /** Whether the text is that of a socket which a library accepted, and begins with the port. */
  public static boolean namesListener(String openedBy) {
    return openedBy.startsWith(ACCEPTED);
  }

  /**
   * The line of code that opened the socket: the first frame, and if that is not the application's,
   * what started its thread or submitted its task.
   */
  public static String line(String openedBy) {
    String[] pieces = openedBy.split(SEPARATOR, 3);
    boolean both = namesListener(openedBy) && pieces.length > 1;
    String first = both ? pieces[0] + SEPARATOR + pieces[1] : pieces[0];
    int start = startOf(openedBy);
    return start < 0 ? first : first + openedBy.substring(start);
  }

  /**
   * Adds the name of the thread that opened the socket, where no frame is the application's.
   *
   * @param openedBy the text, or its {@link #line}
   * @param thread the name; null if it is unknown
   */
  public static String withThread(String openedBy, String thread) {
    if (openedBy == null || thread == null || isApplication(openedBy)) {
      return openedBy;
    }
    String known =
        openedBy.endsWith(UNKNOWN_START)
            ? openedBy.substring(0, openedBy.length() - UNKNOWN_START.length())
            : openedBy;
    return known + IN_THREAD + thread + '"';
  }

  /**
   * Shortens the text: writes packages as initials, then drops callers, the thread's name, and all
   * but what started the thread or submitted the task. Finally it cuts off the start of the frame,
   * because its end says more.
   *
   * @param text an opener, with or without the thread's name
   * @param room the length of the result in characters, at least 3
   */
  public static String shorten(String text, int room) {
    if (text.length() <= room) {
      return text;
    }
    int nameAt = text.indexOf(IN_THREAD);
    String thread = nameAt < 0 ? "" : text.substring(nameAt);
    String[] frames = (nameAt < 0 ? text : text.substring(0, nameAt)).split(SEPARATOR);
    int last = frames.length - 1;
    String start = mark(frames[last]) != null ? frames[last] : null;
    StringBuilder result = new StringBuilder(initials(frames[0]));
    String end = start == null ? "" : SEPARATOR + start(start);
    if (result.length() + end.length() > room) {
      boolean useful = start != null && !UNKNOWN_START.endsWith(start);
      String only = useful ? start(start) : result.toString();
      return only.length() <= room ? only : cut(only, room);
    }
    if (result.length() + end.length() + thread.length() <= room) {
      end += thread;
    }
    for (int i = 1; i < (start == null ? frames.length : last); i++) {
      String next = SEPARATOR + initials(frames[i]);
      if (result.length() + next.length() + end.length() > room) {
        break;
      }
      result.append(next);
    }
    return result + end;
  }

  private static String start(String piece) {
    String mark = mark(piece);
    return mark + " " + initials(piece.substring(mark.length() + 1));
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
    return text.indexOf(' ') >= 0 && mark(text) == null
        ? text.substring(0, kept) + CUT
        : CUT + text.substring(text.length() - kept);
  }
}
