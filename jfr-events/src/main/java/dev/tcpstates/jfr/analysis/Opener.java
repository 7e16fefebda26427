// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import java.util.List;

/**
 * A place in the code that opened sockets.
 *
 * @param kind {@code CONNECT}, {@code LISTEN}, {@code ACCEPT} or {@code ADOPTED}; null if not known
 * @param openedBy the frames that identify the place, the application's own first, separated by
 *     {@code " < "}; never null
 * @param stack all frames, the innermost first; empty if the recording does not have them; can't be
 *     modified
 */
public record Opener(String kind, String openedBy, List<String> stack) {
  static final Opener UNKNOWN = new Opener(null, "unknown", List.of());

  private static final String SEPARATOR = " < ";

  public Opener {
    stack = List.copyOf(stack);
  }

  /** The most telling frame: the line of code. */
  public String line() {
    int end = openedBy.indexOf(SEPARATOR);
    return end < 0 ? openedBy : openedBy.substring(0, end);
  }

  /**
   * Whether one of the known frames is a method of a class, or of a package or one below it.
   *
   * @param packageOrClass its name, such as {@code com.example}
   */
  public boolean isFrom(String packageOrClass) {
    return frames().stream()
        .anyMatch(
            frame ->
                frame.startsWith(packageOrClass + ".") || frame.startsWith(packageOrClass + "$"));
  }

  /** All frames that are known, the innermost first. */
  public List<String> frames() {
    return stack.isEmpty() ? List.of(openedBy.split(SEPARATOR)) : stack;
  }
}
