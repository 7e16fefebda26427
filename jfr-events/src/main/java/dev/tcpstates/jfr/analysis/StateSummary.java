// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.StateCountInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The states of one JVM's sockets over time, from two sources. Its transitions are exact at every
 * moment, if none is lost or excluded from the recording. The counts are always exact, but at some
 * moments only, and only they have TIME_WAIT.
 */
final class StateSummary {
  private static final String TIME_WAIT = "TIME_WAIT";

  private final StateHistory moved;
  private final StateHistory counted;
  private boolean transitions;
  private boolean lost;

  StateSummary(Instant start) {
    moved = new StateHistory(start);
    counted = new StateHistory(start);
  }

  void transition() {
    transitions = true;
  }

  void lost() {
    lost = true;
  }

  void stateChanged(SocketLife socket, String from, Instant time) {
    if (from != null && !isNone(from)) {
      moved.add(from, -1, time);
    }
    if (!isNone(socket.state())) {
      moved.add(socket.state(), 1, time);
    }
  }

  private static boolean isNone(String state) {
    return "CLOSE".equals(state);
  }

  void counted(StateCountInfo count) {
    Instant time = count.time();
    counted.set("ESTABLISHED", count.inEstablished(), time);
    counted.set("SYN_SENT", count.inSynSent(), time);
    counted.set("SYN_RECV", count.inSynRecv(), time);
    counted.set("FIN_WAIT1", count.inFinWait1(), time);
    counted.set("FIN_WAIT2", count.inFinWait2(), time);
    counted.set(TIME_WAIT, count.inTimeWait(), time);
    counted.set("CLOSE_WAIT", count.inCloseWait(), time);
    counted.set("LAST_ACK", count.inLastAck(), time);
    counted.set("LISTEN", count.inListen(), time);
    counted.set("CLOSING", count.inClosing(), time);
    moved.set(TIME_WAIT, count.inTimeWait(), time);
  }

  private StateHistory best() {
    return transitions && !lost || counted.isEmpty() ? moved : counted;
  }

  boolean isEmpty() {
    return best().isEmpty();
  }

  void goOnTo(Instant end) {
    best().goOnTo(end);
  }

  Duration stretch() {
    return best().stretch();
  }

  List<StateCounts> counts() {
    return best().counts();
  }

  /** Of several JVMs, whose times need not have to do with each other. */
  static List<StateCounts> sum(List<StateSummary> jvms) {
    Map<String, StateCounts> sums = new TreeMap<>();
    for (StateSummary jvm : jvms) {
      for (StateCounts counts : jvm.counts()) {
        sums.merge(
            counts.state(),
            new StateCounts(counts.state(), counts.now(), counts.peak(), List.of()),
            (one, other) ->
                new StateCounts(
                    one.state(),
                    one.now() + other.now(),
                    Math.max(one.peak(), other.peak()),
                    List.of()));
      }
    }
    return new ArrayList<>(sums.values());
  }
}
