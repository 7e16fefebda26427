// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints transitions as text, in the columns of bcc's {@code tcpstates} and with who opened the
 * socket. Each column is as wide as its content.
 */
public final class TransitionTable {
  private static final String[] HEADER = {
    "SOCKET",
    "C-PID",
    "C-COMM",
    "IP",
    "LADDR",
    "LPORT",
    "RADDR",
    "RPORT",
    "OLDSTATE",
    "->",
    "NEWSTATE",
    "MS",
    "OPENED BY"
  };

  private static final int MS = 11;

  private TransitionTable() {}

  /**
   * Prints a header and one line for each transition, in the given order; every line ends in a line
   * feed. SOCKET is in hex, as {@code ss -e} prints it. IP is 4 or 6. MS is the time in the old
   * state in milliseconds, with a {@code ~} before it if the transition's time is uncertain. What
   * is not known is a {@code -}.
   *
   * @throws IOException what {@code out} throws
   */
  public static void print(List<Transition> transitions, Appendable out) throws IOException {
    List<String[]> rows = new ArrayList<>(transitions.size() + 1);
    rows.add(HEADER);
    transitions.forEach(transition -> rows.add(row(transition)));

    int[] widths = new int[HEADER.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      print(row, widths, out);
    }
  }

  private static void print(String[] row, int[] widths, Appendable out) throws IOException {
    int last = row.length - 1;
    for (int i = 0; i < last; i++) {
      String blanks = " ".repeat(widths[i] - row[i].length());
      // Decimal points below each other.
      out.append(i == MS ? blanks + row[i] : row[i] + blanks).append(' ');
    }
    out.append(row[last]).append('\n');
  }

  private static String[] row(Transition transition) {
    return new String[] {
      Long.toHexString(transition.socketId()),
      Integer.toString(transition.taskId()),
      text(transition.taskName()),
      ipVersion(transition),
      text(transition.localAddress()),
      Integer.toString(transition.localPort()),
      text(transition.address()),
      Integer.toString(transition.port()),
      text(transition.oldState()),
      "->",
      text(transition.newState()),
      milliseconds(transition),
      text(transition.openedBy())
    };
  }

  private static String ipVersion(Transition transition) {
    String address =
        transition.localAddress() == null ? transition.address() : transition.localAddress();
    if (address == null) {
      return "-";
    }
    return address.indexOf(':') >= 0 ? "6" : "4";
  }

  private static String milliseconds(Transition transition) {
    double ms = transition.timeInState().toNanos() / 1e6;
    String mark = transition.uncertainty().equals(Duration.ZERO) ? "" : "~";
    return String.format(Locale.ROOT, "%s%.3f", mark, ms);
  }

  /** Any process may choose its task's name, so no control character gets to the terminal. */
  private static String text(String value) {
    return value == null || value.isEmpty() ? "-" : value.replaceAll("\\p{Cntrl}", "?");
  }
}
