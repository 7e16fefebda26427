// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.OpenedBy;
import dev.tcpstates.jfr.SocketKind;
import java.util.List;

/**
 * A call site that opened sockets.
 *
 * @param kind how it opened the sockets; null if unknown
 * @param openedBy the frames that identify the call site, the application's own first, separated by
 *     {@link OpenedBy#SEPARATOR}; never null
 * @param stack all frames, the innermost first; empty if the recording does not have them; can't be
 *     modified
 */
public record Opener(SocketKind kind, String openedBy, List<String> stack) {
  static final Opener UNKNOWN = new Opener(null, "unknown", List.of());

  public Opener {
    stack = List.copyOf(stack);
  }

  /**
   * The line of code: the first frame, and if that is not the application's, what started the
   * thread.
   */
  public String line() {
    return OpenedBy.line(openedBy);
  }

  /** Whether it is a place where a library accepts, with what opened the listener. */
  boolean namesListener() {
    return OpenedBy.namesListener(openedBy);
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
    return stack.isEmpty() ? List.of(openedBy.split(OpenedBy.SEPARATOR)) : stack;
  }
}
