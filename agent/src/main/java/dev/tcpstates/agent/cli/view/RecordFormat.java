// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import picocli.CommandLine.Option;

/** Whether a command writes a report for people, or records for other programs. */
public final class RecordFormat {
  @Option(
      names = "--format",
      paramLabel = "<format>",
      description =
          "table (default), or all fields of the events, by their names, times in ISO 8601 and"
              + " durations in nanoseconds: csv (RFC 4180), or json (one object a line)")
  private Format format = Format.table;

  public boolean isTable() {
    return format == Format.table;
  }

  /** Null if people are to read it. */
  public <T extends Record> RowSink<T> records(Output out, Class<T> type) {
    return isTable() ? null : new RecordWriter<>(out, format, type);
  }
}
