// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/**
 * A frame of a stack, as the agent writes it: {@code pkg.Class.method:line}, with {@code native}
 * for the line of a native method, and without it where none is known.
 *
 * @param type the class with its package; empty if the text is no frame
 * @param method the method, or the whole text if it is no frame
 * @param line 0 if there is none
 */
public record Frame(String type, String method, int line, boolean isNative) {
  private static final String NATIVE = ":native";

  /** Parses a frame. Other text becomes a method without a class. */
  public static Frame of(String text) {
    boolean isNative = text.endsWith(NATIVE);
    int colon = text.lastIndexOf(':');
    int line = 0;
    String name = isNative ? text.substring(0, colon) : text;
    if (!isNative && colon > 0 && text.substring(colon + 1).matches("\\d{1,9}")) {
      line = Integer.parseInt(text.substring(colon + 1));
      name = text.substring(0, colon);
    }
    int dot = name.lastIndexOf('.');
    return name.indexOf(' ') >= 0 || dot <= 0
        ? new Frame("", name, line, isNative)
        : new Frame(name.substring(0, dot), name.substring(dot + 1), line, isNative);
  }
}
