// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The option that chooses between a table for people and records for other programs. */
public final class RecordFormat {
  @Option(
      names = "--format",
      paramLabel = "<format>",
      description = {
        "table (default), csv (RFC 4180), or json (one object per line); csv and json have all"
            + " fields, with times in ISO 8601 and durations in nanoseconds"
      })
  private Format format = Format.table;

  public boolean isTable() {
    return format == Format.table;
  }

  /** Returns where the records go: the given table, or a writer of csv or json. */
  public <T extends Record> RowSink<T> open(Output out, Class<T> type, Supplier<RowSink<T>> table) {
    return isTable() ? table.get() : new RecordWriter<>(out, format, type);
  }
}
