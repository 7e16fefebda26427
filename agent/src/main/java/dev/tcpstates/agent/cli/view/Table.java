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
 * written at once, before the next one is known, so the widths are given. The last column is the
 * opener; it is shortened to the room that the terminal leaves.
 *
 * <p>No row is longer than a line of the terminal. Columns are dropped in the given order until the
 * opener has room. If that does not suffice, the opener goes to a second line, and the middle of
 * longer values is left out. Without a terminal, all columns are written.
 */
public final class Table<T> implements RowSink<T> {
  private static final int MIN_OPENER = 20;
  private static final String NEXT_LINE = "    ";
  private static final String CUT = "...";

  private record Column<T>(String name, int width, boolean right, Function<? super T, ?> value) {}

  private final Output out;
  private final Terminal terminal;
  private final boolean commas;
  private final List<Column<T>> columns = new ArrayList<>();
  private List<String> dropOrder = List.of();
  private int limit;
  private boolean headed;

  public Table(Output out, Terminal terminal, boolean commas) {
    this.out = out;
    this.terminal = terminal;
    this.commas = commas;
    this.limit = terminal.columns();
  }

  /** Whether the values are separated by commas, for other programs. */
  public boolean commas() {
    return commas;
  }

  public Table<T> left(String name, int width, Function<? super T, ?> value) {
    columns.add(new Column<>(name, width, false, value));
    return this;
  }

  public Table<T> right(String name, int width, Function<? super T, ?> value) {
    columns.add(new Column<>(name, width, true, value));
    return this;
  }

  /** Names the columns that a narrow terminal drops, the first one first. */
  public Table<T> drop(String... names) {
    dropOrder = List.of(names);
    return this;
  }

  /**
   * Writes all columns and whole values.
   *
   * @param wide whether to do so even if the terminal then wraps the rows
   */
  public Table<T> wide(boolean wide) {
    limit = wide ? Integer.MAX_VALUE : limit;
    return this;
  }

  @Override
  public void accept(T row) {
    end();
    write(columns.stream().map(c -> Objects.toString(c.value.apply(row), null)).toList())
        .forEach(out::line);
  }

  /** Writes the heading, if no row has done it. */
  @Override
  public void end() {
    if (headed) {
      return;
    }
    headed = true;
    if (!commas) {
      for (String name : dropOrder) {
        if (used() <= limit - MIN_OPENER) {
          break;
        }
        columns.removeIf(column -> column.name.equals(name));
      }
    }
    List<String> lines = write(columns.stream().map(Column::name).toList());
    lines.forEach(line -> out.line(commas ? line : terminal.styled("bold", line)));
  }

  private int used() {
    return columns.stream().limit(columns.size() - 1L).mapToInt(column -> column.width + 1).sum();
  }

  private List<String> write(List<String> values) {
    return commas
        ? List.of(values.stream().map(RecordWriter::quoted).collect(Collectors.joining(",")))
        : aligned(values.stream().map(Table::clean).toList());
  }

  private List<String> aligned(List<String> values) {
    int last = columns.size() - 1;
    String opener = values.get(last);
    int openerRoom = Math.min(MIN_OPENER, opener.length());
    int length = openerRoom;
    for (int i = 0; i < last; i++) {
      length += Math.max(columns.get(i).width, values.get(i).length()) + 1;
    }
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < last; i++) {
      Column<T> column = columns.get(i);
      String value = length > limit ? cut(values.get(i), column.width) : values.get(i);
      String blanks = " ".repeat(Math.max(0, column.width - value.length()));
      String cell = column.right ? blanks + value : value + blanks;
      line = next(lines, line, cell.stripTrailing().length());
      line.append(cell).append(' ');
    }
    line = next(lines, line, openerRoom);
    line.append(OpenedBy.shorten(opener, Math.max(CUT.length(), limit - line.length())));
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  /** Returns the line for the next cell: a new one if this one has no room for it. */
  private StringBuilder next(List<String> lines, StringBuilder line, int cell) {
    if (line.isEmpty() || line.length() + cell <= limit) {
      return line;
    }
    lines.add(line.toString().stripTrailing());
    return new StringBuilder(NEXT_LINE);
  }

  /** Leaves out the middle: the start and the end of an address say most. */
  private static String cut(String value, int width) {
    if (value.length() <= width) {
      return value;
    }
    int start = Math.max(0, width - CUT.length()) / 2;
    int end = Math.max(0, width - CUT.length() - start);
    return value.substring(0, start) + CUT + value.substring(value.length() - end);
  }

  /**
   * Returns a text for the terminal, with a dash for none. A process may have any name, so control
   * characters become question marks.
   */
  public static String clean(String value) {
    return value == null || value.isEmpty() ? "-" : value.replaceAll("\\p{Cntrl}", "?");
  }
}
