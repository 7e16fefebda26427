// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.jfr.event.Connection;
import java.util.List;

/** The values of {@link Attribute#ERROR}. */
final class Failures {
  /** All of them. */
  static final List<String> TYPES =
      List.of(
          "refused",
          "timed_out",
          "reset",
          "host_unreachable",
          "net_unreachable",
          "address_not_available",
          "abandoned",
          Attribute.OTHER);

  private Failures() {}

  /** Why a connection was not established. */
  static String type(Connection event) {
    return switch (event.end) {
      case "REFUSED" -> "refused";
      case "TIMEOUT" -> "timed_out";
      case "RESET_BY_REMOTE", "RESET_BY_LOCAL" -> "reset";
      case "UNREACHABLE" ->
          "ENETUNREACH".equals(event.reason) || "ENETDOWN".equals(event.reason)
              ? "net_unreachable"
              : "host_unreachable";
      case "NO_LOCAL_PORT" -> "address_not_available";
      case "ABANDONED" -> "abandoned";
      default -> Attribute.OTHER;
    };
  }
}
