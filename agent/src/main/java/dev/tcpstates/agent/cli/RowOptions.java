// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Rows;
import dev.tcpstates.agent.cli.view.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command's rows look; the short options are those of bcc's tools. */
final class RowOptions {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final int ADDRESS = 15;
  private static final int WIDE_ADDRESS = 39;

  @Option(
      names = {"-T", "--time"},
      description = "with the time of day (HH:MM:SS)")
  private boolean time;

  @Option(
      names = {"-t", "--timestamp"},
      description = "with the seconds since the first one shown")
  private boolean timestamp;

  @Option(
      names = {"-w", "--wide"},
      description = "with columns wide enough for IPv6 addresses, and IP's version")
  private boolean wide;

  @Option(
      names = {"-s", "--csv"},
      description = "the same columns, separated by commas")
  private boolean csv;

  @Mixin private RecordFormat format;

  /** Describes the columns of a command. */
  @FunctionalInterface
  interface Columns<T> {
    void addTo(Rows<T> rows);
  }

  /**
   * Where the rows go.
   *
   * @param when the time of a record
   * @param columns those after the time's
   */
  <T extends Record> RowSink<T> open(
      Output out, Terminal terminal, Class<T> type, Function<T, Instant> when, Columns<T> columns) {
    if (!format.isTable()) {
      return format.records(out, type);
    }
    Rows<T> rows = new Rows<>(out, terminal, csv);
    if (time) {
      rows.left("TIME", 8, record -> TIME.format(when.apply(record)));
    }
    if (timestamp) {
      rows.left("TIME(s)", 9, new SecondsSinceFirst<>(when));
    }
    columns.addTo(rows);
    return rows;
  }

  /** The same for what has no time of its own. */
  <T extends Record> RowSink<T> openWithoutTime(
      Output out, Terminal terminal, Class<T> type, Columns<T> columns) {
    if (!format.isTable()) {
      return format.records(out, type);
    }
    Rows<T> rows = new Rows<>(out, terminal, csv);
    columns.addTo(rows);
    return rows;
  }

  boolean wide() {
    return wide;
  }

  int addressWidth() {
    return wide ? WIDE_ADDRESS : ADDRESS;
  }

  static String timeOfDay(Instant time) {
    return TIME.format(time);
  }

  static String milliseconds(Duration duration) {
    return decimal(duration.toNanos() / 1e6, 3);
  }

  static String decimal(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static final class SecondsSinceFirst<T> implements Function<T, String> {
    private final Function<T, Instant> when;
    private Instant first;

    SecondsSinceFirst(Function<T, Instant> when) {
      this.when = when;
    }

    @Override
    public String apply(T record) {
      if (first == null) {
        first = when.apply(record);
      }
      return decimal(Duration.between(first, when.apply(record)).toNanos() / 1e9, 6);
    }
  }
}
