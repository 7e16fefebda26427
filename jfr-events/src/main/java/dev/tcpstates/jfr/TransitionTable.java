// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Prints transitions as text, in the columns of bcc's {@code tcpstates} and with the opener. Each
 * column is as wide as its content.
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
  private static final int OPENED_BY = 12;

  /** C-PID, C-COMM and IP, which are dropped if there is little room. */
  private static final Set<Integer> DISPENSABLE = Set.of(1, 2, 3);

  /** There is little room if OPENED BY has fewer characters than this. */
  private static final int LITTLE = 40;

  private TransitionTable() {}

  /**
   * Prints a header and one line for each transition, in the given order; every line ends in a line
   * feed. SOCKET is in hex, as {@code ss -e} prints it. IP is 4 or 6. MS is the time in the old
   * state in milliseconds, with a {@code ~} before it if the transition's time is uncertain. An
   * unknown value is a {@code -}.
   *
   * @throws IOException if {@code out} throws it
   */
  public static void print(List<Transition> transitions, Appendable out) throws IOException {
    print(transitions, Integer.MAX_VALUE, out);
  }

  /**
   * Prints the same for a terminal: shortens OPENED BY to the room that is left, and drops C-PID,
   * C-COMM and IP if that is not enough. In terminals of less than about 90 columns, lines are
   * longer than the terminal is wide.
   *
   * @param columns the width of the terminal
   * @throws IOException if {@code out} throws it
   */
  public static void print(List<Transition> transitions, int columns, Appendable out)
      throws IOException {
    List<String[]> rows = new ArrayList<>(transitions.size() + 1);
    rows.add(HEADER);
    transitions.forEach(transition -> rows.add(row(transition)));

    int[] widths = new int[HEADER.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    Set<Integer> left = new TreeSet<>(IntStream.range(0, OPENED_BY).boxed().toList());
    if (room(widths, left, columns) < Math.min(widths[OPENED_BY], LITTLE)) {
      left.removeAll(DISPENSABLE);
    }
    int room = Math.max(room(widths, left, columns), HEADER[OPENED_BY].length());
    for (String[] row : rows) {
      for (int i : left) {
        String blanks = " ".repeat(widths[i] - row[i].length());
        // Right-aligned, so that decimal points are below each other.
        out.append(i == MS ? blanks + row[i] : row[i] + blanks).append(' ');
      }
      out.append(OpenedBy.shorten(row[OPENED_BY], room)).append('\n');
    }
  }

  /** The room that the columns leave for OPENED BY. */
  private static int room(int[] widths, Set<Integer> left, int columns) {
    return columns - left.stream().mapToInt(i -> widths[i] + 1).sum();
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
      state(transition.oldState()),
      "->",
      state(transition.newState()),
      milliseconds(transition),
      text(transition.openerAndThread())
    };
  }

  private static String state(TcpState state) {
    return state == null ? "-" : state.name();
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

  /** A process can set its task's name, so control characters are replaced. */
  private static String text(String value) {
    return value == null || value.isEmpty() ? "-" : value.replaceAll("\\p{Cntrl}", "?");
  }
}
