// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.agent.cli.view.Terminal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a command's rows look. The short options are those of bcc's tools. */
final class RowOptions {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final int ADDRESS = 15;
  private static final int WIDE_ADDRESS = 39;
  private static final double KB = 1024;

  @Option(
      names = {"-T", "--time"},
      description = "add the time of day (HH:MM:SS)")
  private boolean time;

  @Option(
      names = {"-t", "--timestamp"},
      description = "add the seconds since the first row")
  private boolean timestamp;

  @Option(
      names = {"-w", "--wide"},
      description =
          "print all columns, also on a narrow terminal; widen the address columns for IPv6, and"
              + " add the IP version")
  private boolean wide;

  @Option(
      names = {"-s", "--csv"},
      description = "separate the same columns by commas")
  private boolean csv;

  @Mixin private RecordFormat format;

  /**
   * Opens the command's output.
   *
   * @param when the time of a record; null if records have none
   * @param columns adds the columns after the time's
   */
  <T extends Record> RowSink<T> open(
      Output out,
      Terminal terminal,
      Class<T> type,
      Function<T, Instant> when,
      Consumer<Table<T>> columns) {
    return format.open(
        out,
        type,
        () -> {
          Table<T> table = new Table<T>(out, terminal, csv).wide(wide);
          if (time && when != null) {
            table.left("TIME", 8, record -> timeOfDay(when.apply(record)));
          }
          if (timestamp && when != null) {
            table.left("TIME(s)", 9, new SecondsSinceFirst<>(when));
          }
          columns.accept(table);
          return table;
        });
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

  /**
   * Returns milliseconds with three decimals.
   *
   * @param uncertainty if it is not zero, people get a mark before the number, programs don't
   */
  static String milliseconds(Duration duration, Duration uncertainty, Table<?> table) {
    String mark = table.commas() || uncertainty.isZero() ? "" : "~";
    return mark + decimal(duration.toNanos() / 1e6, 3);
  }

  /** Returns KB of 1024 bytes, with the decimals of libbpf's tcplife. */
  static String kilobytes(long bytes) {
    return decimal(bytes / KB, 2);
  }

  private static String decimal(double value, int digits) {
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
