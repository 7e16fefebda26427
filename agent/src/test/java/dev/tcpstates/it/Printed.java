// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The transitions of a recording, read from the output of the command {@code print}. */
final class Printed {
  private static final Pattern VALUE =
      Pattern.compile("\"((?:[^\"]|\"\")*)\"(?:,|$)|([^,]*)(?:,|$)");

  private Printed() {}

  /** One for each socket, by the time of its first transition. */
  static List<SocketTimeline> timelines(Jdk jdk, Path recording)
      throws IOException, InterruptedException {
    Map<Long, List<Transition>> bySocket = new LinkedHashMap<>();
    Tool print = Tool.agent(jdk, "print", "-s", "-t", recording.toString()).ok();
    List<String> lines = print.out().lines().toList();
    List<String> heading = values(lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      Map<String, String> row = new LinkedHashMap<>();
      List<String> values = values(line);
      for (int i = 0; i < heading.size(); i++) {
        row.put(heading.get(i), values.get(i));
      }
      Transition transition = transition(row);
      bySocket.computeIfAbsent(transition.socketId(), id -> new ArrayList<>()).add(transition);
    }
    List<SocketTimeline> timelines = new ArrayList<>();
    bySocket.forEach((id, own) -> timelines.add(new SocketTimeline(id, own)));
    return timelines;
  }

  private static Transition transition(Map<String, String> row) {
    Instant end = Instant.EPOCH.plusNanos(nanos(row.get("TIME(s)"), 1e9));
    Duration timeInState = Duration.ofNanos(nanos(row.get("MS"), 1e6));
    return new Transition(
        Long.parseUnsignedLong(row.get("SOCKET"), 16),
        end.minus(timeInState),
        end,
        row.get("LADDR"),
        Integer.parseInt(row.get("LPORT")),
        row.get("RADDR"),
        Integer.parseInt(row.get("RPORT")),
        TcpState.valueOf(row.get("OLDSTATE")),
        TcpState.valueOf(row.get("NEWSTATE")),
        timeInState,
        Duration.ZERO,
        null,
        row.get("OPENED BY"),
        null,
        0,
        0,
        Integer.parseInt(row.get("C-PID")),
        row.get("C-COMM"),
        0);
  }

  private static long nanos(String number, double unit) {
    return Math.round(Double.parseDouble(number) * unit);
  }

  private static List<String> values(String line) {
    List<String> values = new ArrayList<>();
    Matcher matcher = VALUE.matcher(line);
    while (matcher.find() && (matcher.end() > matcher.start() || matcher.start() < line.length())) {
      values.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return values;
  }
}
