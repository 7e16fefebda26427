// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import java.util.Map;

/** The color of each TCP state, which the color-blind can distinguish (after Okabe and Ito). */
final class States {
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
}
