// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.List;

/**
 * A place in the code that starts threads or submits tasks, and where that code's own thread was
 * started or its task submitted, unless it is the application's. Holds no class.
 *
 * @param id unique in this JVM, from 1
 * @param mark what is done there, {@link #MARK} or {@link #SUBMIT_MARK}
 * @param telling the frames that identify the place, or the one before it that is the application's
 * @param stack all frames, one a line; those of a place before it after a line of its mark
 * @param tellingMark what is done at the telling frames
 * @param levels how many threads the stack has, 1 to {@link #MOST_LEVELS}
 */
record ThreadStart(
    int id, String mark, TellingFrames telling, String stack, String tellingMark, int levels) {
  /** Stands in a text before the place that started a thread, and in a stack before its frames. */
  static final String MARK = "thread started by";

  /** The same for the place that submitted a task. */
  static final String SUBMIT_MARK = "submitted by";

  private static final int MOST_LEVELS = 3;

  /** Leaves the opener's own frame some room. */
  private static final int MOST_CHARACTERS = 70;

  /** A place alone. */
  ThreadStart(int id, String mark, TellingFrames telling, String stack) {
    this(id, mark, telling, stack, mark, 1);
  }

  /** What follows an opener that is not the application's. */
  static String suffix(ThreadStart start) {
    return TellingFrames.SEPARATOR + (start == null ? MARK + " unknown code" : start.line());
  }

  /** The frames of a stack and of what started its thread. */
  static String stack(String stack, ThreadStart start) {
    return start == null ? stack : String.join("\n", List.of(stack, start.mark, start.stack));
  }

  /** What people are shown of it. */
  String line() {
    return tellingMark + " " + telling.first(MOST_CHARACTERS);
  }

  /** Whether the telling frames are the application's; else the place before it can say more. */
  boolean isTelling() {
    return telling.ofApplication();
  }

  boolean isSubmit() {
    return mark.equals(SUBMIT_MARK);
  }

  /** The same place in a thread or a task that was started there. */
  ThreadStart startedBy(int newId, ThreadStart caller) {
    return new ThreadStart(
        newId,
        mark,
        caller.isTelling() ? caller.telling : telling,
        stack(stack, caller),
        caller.isTelling() ? caller.tellingMark : tellingMark,
        levels + caller.levels);
  }

  boolean isTopmost() {
    return levels >= MOST_LEVELS;
  }

  @Override
  public int hashCode() {
    return id;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }
}
