// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Records in the columns that a command has for them, as a table or separated by commas. */
public final class Rows<T> implements RowSink<T> {
  private final Output out;
  private final TextTable table;
  private final List<String> names = new ArrayList<>();
  private final List<Function<? super T, String>> values = new ArrayList<>();
  private boolean headed;

  /**
   * @param commas whether to separate by commas, as RFC 4180 has it
   */
  public Rows(Output out, Terminal terminal, boolean commas) {
    this.out = out;
    this.table = commas ? null : new TextTable(out, terminal);
  }

  public boolean commas() {
    return table == null;
  }

  public Rows<T> left(String name, int width, Function<? super T, String> value) {
    if (table != null) {
      table.left(name, width);
    }
    return add(name, value);
  }

  public Rows<T> right(String name, int width, Function<? super T, String> value) {
    if (table != null) {
      table.right(name, width);
    }
    return add(name, value);
  }

  /** A column that a table leaves out where there is little room. */
  public Rows<T> dispensable(String name, int width, Function<? super T, String> value) {
    if (table != null) {
      table.dispensable(name, width);
    }
    return add(name, value);
  }

  private Rows<T> add(String name, Function<? super T, String> value) {
    names.add(name);
    values.add(value);
    return this;
  }

  @Override
  public void accept(T record) {
    end();
    if (table == null) {
      out.line(
          values.stream()
              .map(value -> value.apply(record))
              .map(value -> value == null ? "" : RecordWriter.quoted(value))
              .collect(Collectors.joining(",")));
    } else {
      table.row(values.stream().map(value -> value.apply(record)).toArray(String[]::new));
    }
  }

  @Override
  public void end() {
    if (table != null) {
      table.heading();
    } else if (!headed) {
      headed = true;
      out.line(String.join(",", names));
    }
  }
}
