// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The frames of a stack that identify its code to people, the innermost first: the application's,
 * or those of libraries if it has no other. Holds no class.
 */
final class TellingFrames {
  /** JFR pools strings up to this length in JDK 17 and 21, and writes longer ones each time. */
  static final int MAX_LENGTH = 127;

  static final String SEPARATOR = " < ";

  private final boolean application;
  private final List<String> frames = new ArrayList<>();

  /** The library of each frame. */
  private final List<String> groups = new ArrayList<>();

  TellingFrames(boolean application) {
    this.application = application;
  }

  /**
   * Adds the next frame. Of a group only the first and the last one are kept.
   *
   * @param group the library, of no meaning for the application's frames: all of them are kept
   */
  void add(String frame, String group) {
    if (!application) {
      int first = groups.indexOf(group);
      int last = groups.lastIndexOf(group);
      if (first != last) {
        groups.remove(last);
        frames.remove(last);
      }
    }
    groups.add(group);
    frames.add(frame);
  }

  /** Whether they are the application's. */
  boolean ofApplication() {
    return application;
  }

  /**
   * The first one.
   *
   * @param room the greatest length in characters
   */
  String first(int room) {
    return frames.isEmpty() ? "no Java frame" : cut(frames.get(0), room);
  }

  /** As many frames as fit. */
  String text() {
    return text(MAX_LENGTH);
  }

  /**
   * As many frames as fit: the first one, then the first one of each library, then the last ones. A
   * library's frame that does not fit has the initials of its package.
   *
   * @param room the greatest length in characters
   */
  String text(int room) {
    if (frames.isEmpty()) {
      return first(room);
    }
    String[] chosen = new String[frames.size()];
    chosen[0] = first(room);
    int left = room - chosen[0].length();
    for (int i : byImportance()) {
      String frame = frames.get(i);
      if (!application && SEPARATOR.length() + frame.length() > left) {
        frame = initials(frame);
      }
      if (SEPARATOR.length() + frame.length() > left) {
        break;
      }
      chosen[i] = frame;
      left -= SEPARATOR.length() + frame.length();
    }
    return Arrays.stream(chosen).filter(Objects::nonNull).collect(Collectors.joining(SEPARATOR));
  }

  /** All but the first. */
  private List<Integer> byImportance() {
    List<Integer> order = new ArrayList<>();
    for (int i = 1; i < frames.size(); i++) {
      if (isFirstOfItsGroup(i)) {
        order.add(i);
      }
    }
    for (int i = 1; i < frames.size(); i++) {
      if (!isFirstOfItsGroup(i)) {
        order.add(i);
      }
    }
    return order;
  }

  private boolean isFirstOfItsGroup(int frame) {
    return application || groups.indexOf(groups.get(frame)) == frame;
  }

  /** {@code com.shop.Client.ask:12} as {@code c.s.Client.ask:12}. */
  private static String initials(String frame) {
    String[] names = frame.split("\\.");
    for (int i = 0; i < names.length - 2; i++) {
      names[i] = names[i].substring(0, Math.min(1, names[i].length()));
    }
    return String.join(".", names);
  }

  /** Keeps the end, which has the method and line. */
  private static String cut(String frame, int room) {
    if (frame.length() <= room) {
      return frame;
    }
    String shorter = initials(frame);
    return shorter.length() <= room
        ? shorter
        : "…" + shorter.substring(shorter.length() - room + 1);
  }
}
