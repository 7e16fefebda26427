// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.pictures;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How long one leaked connection was in each of its states. */
public final class OneLeak {
  private static final int WIDTH = 900;
  private static final int TOP = 110;
  private static final int ROW = 40;
  private static final int LEFT = 120;

  /** The logarithmic scale starts at 1 us; each step is a factor of ten. */
  private static final String[] STEPS = {
    "1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"
  };

  private static final double STEP = (WIDTH - LEFT - 190.0) / (STEPS.length - 1);

  private OneLeak() {}

  /** The picture as SVG. */
  public static String draw(TcpRecording recording) {
    SocketTimeline leak =
        recording.timelines().stream()
            .filter(socket -> socket.lastState() == TcpState.CLOSE_WAIT)
            .findFirst()
            .orElseThrow();
    List<Transition> transitions = leak.transitions();
    Transition last = transitions.get(transitions.size() - 1);
    int bottom = TOP + transitions.size() * ROW;
    Svg svg =
        new Svg(
            WIDTH,
            bottom + 30,
            "One leaked connection",
            "socketId "
                + leak.socketId()
                + ", "
                + end(last.localAddress(), last.localPort())
                + " to "
                + end(last.address(), last.port())
                + ", opened by thread \""
                + leak.openThread()
                + "\" in");
    svg.code(16, 68, "start", Svg.TEXT, leak.openedBy());
    for (int i = 0; i < STEPS.length; i++) {
      svg.line(LEFT + i * STEP, TOP - 12, LEFT + i * STEP, bottom, Svg.GRID);
      svg.text(LEFT + i * STEP, bottom + 16, "middle", Svg.FAINT, STEPS[i]);
    }
    // The agent's last event comes when the recording ends.
    Instant end =
        recording.agentStates().stream().map(AgentInfo::time).max(Instant::compareTo).orElseThrow();
    for (int i = 0; i < transitions.size(); i++) {
      boolean open = i + 1 == transitions.size();
      Instant until = open ? end : transitions.get(i + 1).endTime();
      row(svg, transitions.get(i), until, open, TOP + i * ROW);
    }
    return svg.toString();
  }

  private static void row(Svg svg, Transition entered, Instant until, boolean open, double y) {
    String state = entered.newState().name();
    double micros = Duration.between(entered.endTime(), until).toNanos() / 1e3;
    double width = Math.max(2, STEP * Math.log10(Math.max(1, micros)));
    svg.text(LEFT - 10, y + 18, "end", Svg.TEXT, state);
    svg.rectangle(LEFT, y + 2, width, ROW - 14, States.color(state), null);
    svg.text(
        LEFT + width + 10,
        y + 19,
        "start",
        Svg.TEXT,
        time(micros) + (open ? " up to the recording's end" : ""));
  }

  private static String time(double micros) {
    if (micros < 1e3) {
      return Svg.format("%.0f us", micros);
    }
    return micros < 1e6 ? Svg.format("%.1f ms", micros / 1e3) : Svg.format("%.1f s", micros / 1e6);
  }

  private static String end(String address, int port) {
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
  }
}
