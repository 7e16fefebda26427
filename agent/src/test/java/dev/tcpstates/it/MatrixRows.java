// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.it.openers.RowEvent;
import dev.tcpstates.jfr.SocketOpenInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What a recording of the matrix holds, row by row. */
final class MatrixRows {
  /** A socket, and what {@code SocketOpen} says of it; {@code null} if there is no such event. */
  record Socket(SocketTimeline timeline, SocketOpenInfo open) {
    String kind() {
      return open == null ? "-" : open.kind().name();
    }

    /** What sockets opened alike have in common: no line number, no number of a thread. */
    String group() {
      return String.join(
          "|",
          kind(),
          timeline.openedBy().replaceAll(":\\d+", ""),
          thread().replaceAll("\\d+", "N"));
    }

    String thread() {
      return String.valueOf(timeline.openThread());
    }

    @Override
    public String toString() {
      return kind() + " by " + timeline.openedBy() + " in " + thread();
    }
  }

  /** A row; {@code unavailable} and {@code failure} are {@code null} when it ran. */
  record Row(
      String name,
      Instant start,
      Instant end,
      String unavailable,
      String failure,
      List<Socket> sockets) {}

  private final List<Row> rows;
  private final List<Socket> others;
  private final List<SocketOpenInfo> unused;

  private MatrixRows(List<Row> rows, List<Socket> others, List<SocketOpenInfo> unused) {
    this.rows = rows;
    this.others = others;
    this.unused = unused;
  }

  /** A recording that is one row. */
  static MatrixRows single(String name, Path file) throws IOException {
    Row row = new Row(name, Instant.MIN, Instant.MAX, null, null, new ArrayList<>());
    return read(List.of(row), file);
  }

  static MatrixRows read(Path file) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      if (event.getEventType().getName().equals(RowEvent.NAME)) {
        rows.add(
            new Row(
                event.getString("row"),
                event.getStartTime(),
                event.getEndTime(),
                event.getString("unavailable"),
                event.getString("failure"),
                new ArrayList<>()));
      }
    }
    rows.sort(Comparator.comparing(Row::start));
    return read(rows, file);
  }

  private static MatrixRows read(List<Row> rows, Path file) throws IOException {
    TcpRecording recording = Recorded.read(file);
    List<Socket> others = new ArrayList<>();
    for (SocketTimeline timeline : recording.timelines()) {
      Instant begin = timeline.transitions().get(0).endTime();
      Socket socket = new Socket(timeline, recording.socketOpens().get(timeline.socketId()));
      rows.stream()
          .filter(row -> begin.isAfter(row.start()) && begin.isBefore(row.end()))
          .findFirst()
          .map(Row::sockets)
          .orElse(others)
          .add(socket);
    }
    List<SocketOpenInfo> unused =
        recording.socketOpens().values().stream()
            .filter(open -> recording.timeline(open.socketId()).isEmpty())
            .toList();
    return new MatrixRows(rows, others, unused);
  }

  List<Row> rows() {
    return rows;
  }

  /** Sockets that were opened between two rows. */
  List<Socket> others() {
    return others;
  }

  /** Sockets that have no transition. */
  List<SocketOpenInfo> unused() {
    return unused;
  }

  /** The matrix, for people. */
  String table() {
    StringBuilder table = new StringBuilder();
    line(table, "opener", "kind", "sockets", "transitions", "thread", "opened by");
    for (Row row : rows) {
      if (row.failure() != null) {
        line(table, row.name(), "FAILED", "", "", "", row.failure());
      } else if (row.unavailable() != null) {
        line(table, row.name(), "-", "0", "0", "-", "not here: " + row.unavailable());
      } else if (row.sockets().isEmpty()) {
        line(table, row.name(), "-", "0", "0", "-", "no TCP socket");
      }
      Map<String, List<Socket>> groups =
          row.sockets().stream()
              .collect(
                  Collectors.groupingBy(Socket::group, LinkedHashMap::new, Collectors.toList()));
      for (List<Socket> group : groups.values()) {
        Socket first = group.get(0);
        line(
            table,
            row.name(),
            first.kind(),
            Integer.toString(group.size()),
            Integer.toString(group.stream().mapToInt(s -> s.timeline().transitions().size()).sum()),
            first.thread(),
            first.timeline().openedBy());
      }
    }
    return table.toString();
  }

  private static void line(StringBuilder table, Object... columns) {
    table.append(String.format(Locale.ROOT, "%-32s %-7s %7s %11s  %-45s %s%n", columns));
  }
}
