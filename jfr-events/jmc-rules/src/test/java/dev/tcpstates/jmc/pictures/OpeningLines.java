// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.read.TcpRecording;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many sockets each line opened to connect, and how they ended. */
public final class OpeningLines {
  private static final int WIDTH = 900;
  private static final int TOP = 96;
  private static final int ROW = 30;
  private static final int LEFT = 210;

  private static final Map<String, String> COLORS = new LinkedHashMap<>();

  static {
    COLORS.put("FIN", "#009e73");
    COLORS.put("RESET_BY_REMOTE", "#cc79a7");
    COLORS.put("REFUSED", "#e69f00");
    COLORS.put("open, in CLOSE_WAIT", "#d55e00");
  }

  private OpeningLines() {}

  /** The picture as SVG. */
  public static String draw(TcpRecording recording) {
    Map<String, Map<String, Integer>> lines = count(recording);
    List<String> sorted =
        lines.keySet().stream()
            .sorted(Comparator.comparing((String line) -> -total(lines.get(line))))
            .toList();
    int most = total(lines.get(sorted.get(0)));
    Svg svg =
        new Svg(
            WIDTH,
            TOP + sorted.size() * ROW + 10,
            "Connections by opening line",
            "tcpstates.Connection by openedBy and end, and the sockets that have not ended.");
    double x = LEFT;
    for (Map.Entry<String, String> end : COLORS.entrySet()) {
      svg.rectangle(x, 63, 10, 10, end.getValue(), null);
      svg.text(x + 14, 72, "start", Svg.TEXT, end.getKey());
      x += 34 + 8 * end.getKey().length();
    }
    double unit = (WIDTH - LEFT - 70.0) / most;
    for (int i = 0; i < sorted.size(); i++) {
      String line = sorted.get(i);
      double y = TOP + i * ROW;
      svg.code(LEFT - 10, y + 15, "end", Svg.TEXT, line);
      double left = LEFT;
      for (Map.Entry<String, Integer> end : lines.get(line).entrySet()) {
        double width = unit * end.getValue();
        String color = COLORS.getOrDefault(end.getKey(), "#000000");
        svg.rectangle(left, y, width, ROW - 8, color, end.getValue() + " " + end.getKey());
        left += width;
      }
      svg.text(left + 8, y + 15, "start", Svg.TEXT, String.valueOf(total(lines.get(line))));
    }
    return svg.toString();
  }

  private static int total(Map<String, Integer> ends) {
    return ends.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static Map<String, Map<String, Integer>> count(TcpRecording recording) {
    Map<Long, ConnectionInfo> ended = new HashMap<>();
    recording.connections().forEach(connection -> ended.put(connection.socketId(), connection));
    Map<String, Map<String, Integer>> lines = new HashMap<>();
    for (SocketTimeline socket : recording.timelines()) {
      if (connects(socket)) {
        ConnectionInfo connection = ended.get(socket.socketId());
        String end =
            connection == null ? "open, in " + socket.lastState() : connection.end().name();
        lines.computeIfAbsent(line(socket), line -> new TreeMap<>()).merge(end, 1, Integer::sum);
      }
    }
    return lines;
  }

  /** Whether this side opened the connection, and it is no listener. */
  private static boolean connects(SocketTimeline socket) {
    return socket.transitions().get(0).newState() == TcpState.SYN_SENT;
  }

  /** The opening line, without its package. */
  private static String line(SocketTimeline socket) {
    String line = socket.openedBy().split(" < ")[0];
    int method = line.lastIndexOf('.', line.lastIndexOf(':'));
    return line.substring(line.lastIndexOf('.', method - 1) + 1);
  }
}
