// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import java.util.List;
import java.util.Map;

/** The color of each TCP state, which the color-blind can distinguish (after Okabe and Ito). */
final class States {
  /** In the order of a connection's life. */
  static final List<String> ORDER =
      List.of(
          "LISTEN",
          "SYN_SENT",
          "SYN_RECV",
          "ESTABLISHED",
          "FIN_WAIT1",
          "FIN_WAIT2",
          "CLOSE_WAIT",
          "LAST_ACK");

  private static final Map<String, String> COLORS =
      Map.of(
          "LISTEN", "#999999",
          "SYN_SENT", "#e69f00",
          "SYN_RECV", "#f0e442",
          "ESTABLISHED", "#009e73",
          "FIN_WAIT1", "#56b4e9",
          "FIN_WAIT2", "#0072b2",
          "CLOSE_WAIT", "#d55e00",
          "LAST_ACK", "#cc79a7");

  private States() {}

  static String color(String state) {
    return COLORS.getOrDefault(state, "#000000");
  }

  /** Names the colors, in one line; returns where it ends. */
  static double legend(Svg svg, double x, double y, List<String> states) {
    for (String state : states) {
      svg.rectangle(x, y - 9, 10, 10, color(state), null);
      svg.text(x + 14, y, "start", Svg.TEXT, state);
      x += 32 + 8 * state.length();
    }
    return x;
  }
}
