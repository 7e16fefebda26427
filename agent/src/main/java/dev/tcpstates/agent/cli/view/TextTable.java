// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.OpenedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of columns, each written at once, as one doesn't know what is still to come: the widths are
 * given, and what is longer moves the rest of its line. The last column says who opened the socket,
 * and is shortened to what the terminal leaves.
 */
final class TextTable {
  private static final int LEAST_FOR_OPENER = 25;

  /** With less than this for the last column, the dispensable ones are left out. */
  private static final int LITTLE = 40;

  private record Column(String name, int width, boolean right, boolean dispensable) {}

  private final Output out;
  private final Terminal terminal;
  private final int terminalColumns;
  private final List<Column> columns = new ArrayList<>();
  private boolean narrow;
  private boolean headed;

  TextTable(Output out, Terminal terminal) {
    this.out = out;
    this.terminal = terminal;
    this.terminalColumns = terminal.columns();
  }

  TextTable left(String name, int width) {
    columns.add(new Column(name, width, false, false));
    return this;
  }

  TextTable right(String name, int width) {
    columns.add(new Column(name, width, true, false));
    return this;
  }

  /** A column to be left out where there is little room. */
  TextTable dispensable(String name, int width) {
    columns.add(new Column(name, width, false, true));
    return this;
  }

  /** Writes the heading, if that was not done yet. */
  void heading() {
    if (!headed) {
      headed = true;
      int used = columns.stream().mapToInt(column -> column.width + 1).sum();
      narrow = terminalColumns - used < LITTLE;
      String heading = line(columns.stream().map(Column::name).toList());
      out.line(terminal.styled("bold", heading));
    }
  }

  /** Writes one value for each column; null is written as a dash. */
  void row(String... values) {
    heading();
    List<String> texts = new ArrayList<>();
    for (String value : values) {
      texts.add(clean(value));
    }
    out.line(line(texts));
  }

  private String line(List<String> values) {
    StringBuilder line = new StringBuilder();
    int last = columns.size() - 1;
    for (int i = 0; i < last; i++) {
      Column column = columns.get(i);
      if (narrow && column.dispensable) {
        continue;
      }
      String value = values.get(i);
      String blanks = " ".repeat(Math.max(0, column.width - value.length()));
      line.append(column.right ? blanks + value : value + blanks).append(' ');
    }
    int room = Math.max(LEAST_FOR_OPENER, terminalColumns - line.length());
    return line.append(OpenedBy.shorten(values.get(last), room)).toString().stripTrailing();
  }

  /** Any process may choose its name, so no control character gets to the terminal. */
  static String clean(String value) {
    return value == null || value.isEmpty() ? "-" : value.replaceAll("\\p{Cntrl}", "?");
  }
}
