// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many sockets were in each state, a lane for each. */
public final class StatesOverTime {
  private static final int WIDTH = 900;
  private static final int TOP = 70;
  private static final int LANE = 46;

  private StatesOverTime() {}

  /** The picture as SVG. */
  public static String draw(TcpRecording recording) {
    TimeAxis time = TimeAxis.of(recording, 120, WIDTH - 90);
    List<String> states =
        States.ORDER.stream().filter(state -> !changes(recording, state).isEmpty()).toList();
    int bottom = TOP + states.size() * LANE;
    Svg svg =
        new Svg(
            WIDTH,
            bottom + 32,
            "Sockets in each state",
            "Counted from tcpstates.StateChange; each lane has its own scale.");
    time.draw(svg, TOP, bottom);
    for (int i = 0; i < states.size(); i++) {
      lane(svg, time, states.get(i), changes(recording, states.get(i)), TOP + (i + 1) * LANE - 4);
    }
    return svg.toString();
  }

  private static void lane(
      Svg svg, TimeAxis time, String state, Map<Instant, Integer> changes, double base) {
    int most = 0;
    int count = 0;
    for (int change : changes.values()) {
      count += change;
      most = Math.max(most, count);
    }
    double unit = (LANE - 14.0) / Math.max(1, most);
    StringBuilder path = new StringBuilder("M" + Svg.number(time.left()) + " " + base);
    count = 0;
    for (Map.Entry<Instant, Integer> change : changes.entrySet()) {
      count += change.getValue();
      path.append("H").append(Svg.number(time.x(change.getKey())));
      path.append("V").append(Svg.number(base - count * unit));
    }
    path.append("H").append(Svg.number(time.right())).append("V").append(base).append("Z");
    svg.path(path.toString(), States.color(state));
    svg.line(time.left(), base, time.right(), base, States.color(state));
    svg.text(time.left() - 10, base - 2, "end", Svg.TEXT, state);
    svg.text(time.right() + 10, base - 16, "start", Svg.FAINT, "at most " + most);
    svg.text(time.right() + 10, base - 2, "start", Svg.TEXT, "at end " + count);
  }

  /** By how many the sockets in the state became more or fewer, and when. */
  private static Map<Instant, Integer> changes(TcpRecording recording, String state) {
    Map<Instant, Integer> changes = new TreeMap<>();
    for (SocketTimeline socket : recording.timelines()) {
      boolean in = false;
      for (Transition transition : socket.transitions()) {
        // An accepted socket begins with LISTEN to SYN_RECV, and never was a listener.
        if (in) {
          changes.merge(transition.endTime(), -1, Integer::sum);
        }
        in = transition.newState().name().equals(state);
        if (in) {
          changes.merge(transition.endTime(), 1, Integer::sum);
        }
      }
    }
    return changes;
  }
}
