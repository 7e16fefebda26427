// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Each socket that connected as a bar, in the colors of its states. */
public final class Lives {
  private static final int WIDTH = 900;
  private static final int TOP = 96;
  private static final int ROW = 6;
  private static final int GAP = 12;

  /** So that a state of microseconds is visible. */
  private static final double THINNEST = 1.5;

  private Lives() {}

  /** The picture as SVG. */
  public static String draw(TcpRecording recording) {
    Map<String, List<SocketTimeline>> lines =
        recording.timelines().stream()
            .filter(Lives::connects)
            .sorted(Comparator.comparing(socket -> socket.transitions().get(0).endTime()))
            .collect(Collectors.groupingBy(Lives::line, LinkedHashMap::new, Collectors.toList()));
    int sockets = lines.values().stream().mapToInt(List::size).sum();
    int bottom = TOP + sockets * ROW + lines.size() * GAP;
    Svg svg =
        new Svg(
            WIDTH,
            bottom + 28,
            "The life of each connection, by opening line",
            "tcpstates.StateChange joined by socketId. Times too short to see are drawn wider.");
    States.legend(
        svg, 210, 74, List.of("SYN_SENT", "ESTABLISHED", "FIN_WAIT2", "CLOSE_WAIT", "LAST_ACK"));
    TimeAxis time = TimeAxis.of(recording, 210, WIDTH - 30);
    time.draw(svg, TOP - 8, bottom);
    double y = TOP;
    for (Map.Entry<String, List<SocketTimeline>> line : lines.entrySet()) {
      double middle = y + line.getValue().size() * ROW / 2.0;
      svg.code(200, middle + 4, "end", Svg.TEXT, line.getKey());
      for (SocketTimeline socket : line.getValue()) {
        bar(svg, time, socket, y);
        y += ROW;
      }
      y += GAP;
    }
    return svg.toString();
  }

  private static void bar(Svg svg, TimeAxis time, SocketTimeline socket, double y) {
    double drawn = time.left();
    List<Transition> transitions = socket.transitions();
    for (int i = 0; i < transitions.size(); i++) {
      Transition entered = transitions.get(i);
      if (entered.newState() == TcpState.CLOSE) {
        continue;
      }
      boolean last = i + 1 == transitions.size();
      Instant left = last ? time.end() : transitions.get(i + 1).endTime();
      double from = Math.max(drawn, time.x(entered.endTime()));
      double to = Math.max(from + THINNEST, time.x(left));
      svg.rectangle(
          from,
          y,
          to - from,
          ROW - 1.0,
          States.color(entered.newState().name()),
          entered.newState().name());
      drawn = to;
    }
  }

  /** Whether this side opened the connection, and it is no listener. */
  static boolean connects(SocketTimeline socket) {
    return socket.transitions().get(0).newState() == TcpState.SYN_SENT;
  }

  /** The opening line, without its package. */
  static String line(SocketTimeline socket) {
    String line = socket.openedBy().split(" < ")[0];
    int method = line.lastIndexOf('.', line.lastIndexOf(':'));
    return line.substring(line.lastIndexOf('.', method - 1) + 1);
  }
}
