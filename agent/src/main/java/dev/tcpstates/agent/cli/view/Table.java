// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.OpenedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes records as rows: in aligned columns, or separated by commas (RFC 4180). Each row is
 * written at once, before the next one is known. So the widths are given, and a longer value shifts
 * the rest of its row. The last column is the opener; it is shortened to the room that the terminal
 * leaves.
 */
public final class Table<T> implements RowSink<T> {
  private static final int MIN_OPENER = 25;

  /** With less room than this for the opener, the optional columns are omitted. */
  private static final int NARROW = 40;

  private record Column<T>(
      String name, int width, boolean right, boolean optional, Function<? super T, ?> value) {}

  private final Output out;
  private final Terminal terminal;
  private final int terminalColumns;
  private final boolean commas;
  private final List<Column<T>> columns = new ArrayList<>();
  private boolean narrow;
  private boolean headed;

  public Table(Output out, Terminal terminal, boolean commas) {
    this.out = out;
    this.terminal = terminal;
    this.terminalColumns = terminal.columns();
    this.commas = commas;
  }

  /** Whether the values are separated by commas, for other programs. */
  public boolean commas() {
    return commas;
  }

  public Table<T> left(String name, int width, Function<? super T, ?> value) {
    columns.add(new Column<>(name, width, false, false, value));
    return this;
  }

  public Table<T> right(String name, int width, Function<? super T, ?> value) {
    columns.add(new Column<>(name, width, true, false, value));
    return this;
  }

  /** A column, aligned left, that a narrow terminal omits. */
  public Table<T> optional(String name, int width, Function<? super T, ?> value) {
    columns.add(new Column<>(name, width, false, true, value));
    return this;
  }

  @Override
  public void accept(T row) {
    end();
    out.line(line(columns.stream().map(c -> Objects.toString(c.value.apply(row), null)).toList()));
  }

  /** Writes the heading, if no row has done it. */
  @Override
  public void end() {
    if (!headed) {
      headed = true;
      int used = columns.stream().mapToInt(column -> column.width + 1).sum();
      narrow = terminalColumns - used < NARROW;
      String heading = line(columns.stream().map(Column::name).toList());
      out.line(commas ? heading : terminal.styled("bold", heading));
    }
  }

  private String line(List<String> values) {
    return commas
        ? values.stream().map(RecordWriter::quoted).collect(Collectors.joining(","))
        : aligned(values.stream().map(Table::clean).toList());
  }

  private String aligned(List<String> values) {
    StringBuilder line = new StringBuilder();
    int last = columns.size() - 1;
    for (int i = 0; i < last; i++) {
      Column<T> column = columns.get(i);
      if (narrow && column.optional) {
        continue;
      }
      String value = values.get(i);
      String blanks = " ".repeat(Math.max(0, column.width - value.length()));
      line.append(column.right ? blanks + value : value + blanks).append(' ');
    }
    int room = Math.max(MIN_OPENER, terminalColumns - line.length());
    return line.append(OpenedBy.shorten(values.get(last), room)).toString().stripTrailing();
  }

  /**
   * Returns a text for the terminal, with a dash for none. A process may have any name, so control
   * characters become question marks.
   */
  static String clean(String value) {
    return value == null || value.isEmpty() ? "-" : value.replaceAll("\\p{Cntrl}", "?");
  }
}
