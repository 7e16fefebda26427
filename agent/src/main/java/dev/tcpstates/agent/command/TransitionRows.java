// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

import dev.tcpstates.jfr.Transition;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Transitions in the columns of bcc's tcpstates, as a table or separated by commas. */
final class TransitionRows implements Consumer<Transition> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final int ADDRESS = 15;
  private static final int WIDE_ADDRESS = 39;

  private record Column(String name, int width, char kind, Function<Transition, String> value) {}

  private final List<Column> columns = new ArrayList<>();
  private final Output out;
  private final TextTable table;
  private Instant first;

  /**
   * @param commas whether to separate the values by commas
   */
  TransitionRows(
      Output out,
      Terminal terminal,
      boolean time,
      boolean timestamp,
      boolean wide,
      boolean commas) {
    this.out = out;
    if (time) {
      add("TIME", 8, 'l', t -> TIME.format(t.endTime()));
    }
    if (timestamp) {
      add("TIME(s)", 9, 'l', this::seconds);
    }
    int address = wide ? WIDE_ADDRESS : ADDRESS;
    add("SOCKET", 8, 'l', t -> Long.toHexString(t.socketId()));
    add("C-PID", 7, 'd', t -> Integer.toString(t.taskId()));
    add("C-COMM", 15, 'd', Transition::taskName);
    if (wide || commas) {
      add("IP", 2, 'l', TransitionRows::ipVersion);
    }
    add("LADDR", address, 'l', Transition::localAddress);
    add("LPORT", 5, 'l', t -> Integer.toString(t.localPort()));
    add("RADDR", address, 'l', Transition::address);
    add("RPORT", 5, 'l', t -> Integer.toString(t.port()));
    add("OLDSTATE", 11, 'l', Transition::oldState);
    if (!commas) {
      add("->", 2, 'l', t -> "->");
    }
    add("NEWSTATE", 11, 'l', Transition::newState);
    add("MS", 9, 'r', t -> milliseconds(t, commas));
    add(commas ? "OPENEDBY" : "OPENED BY", 0, 'l', Transition::openedBy);
    table = commas ? null : table(terminal);
  }

  private void add(String name, int width, char kind, Function<Transition, String> value) {
    columns.add(new Column(name, width, kind, value));
  }

  private TextTable table(Terminal terminal) {
    TextTable made = new TextTable(out, terminal);
    for (Column column : columns) {
      switch (column.kind) {
        case 'l' -> made.left(column.name, column.width);
        case 'r' -> made.right(column.name, column.width);
        default -> made.dispensable(column.name, column.width);
      }
    }
    return made;
  }

  void heading() {
    if (table == null) {
      out.line(columns.stream().map(Column::name).collect(Collectors.joining(",")));
    } else {
      table.heading();
    }
  }

  @Override
  public void accept(Transition transition) {
    if (first == null) {
      first = transition.endTime();
    }
    if (table == null) {
      out.line(
          columns.stream()
              .map(column -> column.value.apply(transition))
              .map(value -> value == null ? "" : RecordWriter.quoted(value))
              .collect(Collectors.joining(",")));
    } else {
      table.row(
          columns.stream().map(column -> column.value.apply(transition)).toArray(String[]::new));
    }
  }

  private String seconds(Transition transition) {
    return decimal(Duration.between(first, transition.endTime()).toNanos() / 1e9, 6);
  }

  private static String ipVersion(Transition transition) {
    int version = SocketFilter.ipVersion(transition);
    return version == 0 ? null : Integer.toString(version);
  }

  /** With a mark if the time is uncertain, where no program is to read it. */
  private static String milliseconds(Transition transition, boolean plain) {
    String mark = plain || transition.uncertainty().isZero() ? "" : "~";
    return mark + decimal(transition.timeInState().toNanos() / 1e6, 3);
  }

  private static String decimal(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
