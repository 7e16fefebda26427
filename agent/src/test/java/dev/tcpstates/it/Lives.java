// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.ArrayList;
import java.util.List;

/**
 * The states that a socket goes through, after RFC 9293. There is no TIME_WAIT: Linux ends the
 * socket there, and keeps something smaller that has no state.
 */
final class Lives {
  private static final List<String> LISTENER = List.of("CLOSE", "LISTEN", "CLOSE");
  private static final List<String> NOT_CONNECTED = List.of("CLOSE", "SYN_SENT", "CLOSE");

  private static final List<String> CONNECTED = List.of("CLOSE", "SYN_SENT", "ESTABLISHED");
  private static final List<String> ACCEPTED = List.of("LISTEN", "SYN_RECV", "ESTABLISHED");
  private static final List<String> CLOSING_FIRST = List.of("FIN_WAIT1", "FIN_WAIT2", "CLOSE");
  private static final List<String> CLOSING_LAST = List.of("CLOSE_WAIT", "LAST_ACK", "CLOSE");

  private Lives() {}

  /** The states of a socket that the workload reported with this role. */
  static List<String> of(String role) {
    return switch (role) {
      case "listener" -> LISTENER;
      case "refused", "given up", "timed out" -> NOT_CONNECTED;
      case "client closing first", "native client closing first" -> join(CONNECTED, CLOSING_FIRST);
      case "client closing last", "late client closing last" -> join(CONNECTED, CLOSING_LAST);
      case "server closing first" -> join(ACCEPTED, CLOSING_FIRST);
      case "server closing last" -> join(ACCEPTED, CLOSING_LAST);
      case "client reset" -> join(CONNECTED, List.of("CLOSE"));
      case "client reset after FIN" -> join(CONNECTED, List.of("CLOSE_WAIT", "CLOSE"));
      case "server resetting", "server never accepted" -> join(ACCEPTED, List.of("CLOSE"));
      case "server resetting after FIN" ->
          join(ACCEPTED, List.of("FIN_WAIT1", "FIN_WAIT2", "CLOSE"));
      case "leaked listener", "native leaked listener" -> List.of("CLOSE", "LISTEN");
      case "leaked connected client" -> CONNECTED;
      case "native leaked server" -> ACCEPTED;
      case "leaked client" -> join(CONNECTED, List.of("FIN_WAIT1", "FIN_WAIT2"));
      case "leaked server" -> join(ACCEPTED, List.of("CLOSE_WAIT"));
      default -> throw new IllegalArgumentException(role);
    };
  }

  private static List<String> join(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
