// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.StateCountInfo;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The states of one JVM's sockets over time, from two sources. The transitions are exact at every
 * moment if none is lost or excluded from the recording. The {@code StateCount} events are always
 * exact, but at some moments only, and only they have TIME_WAIT.
 */
final class StateSummary {
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

  void stateChanged(SocketLife socket, TcpState from, Instant time) {
    if (!isNone(from)) {
      moved.add(from, -1, time);
    }
    if (!isNone(socket.state())) {
      moved.add(socket.state(), 1, time);
    }
  }

  private static boolean isNone(TcpState state) {
    return state == null || state == TcpState.CLOSE;
  }

  void counted(StateCountInfo count) {
    Instant time = count.time();
    counted.set(TcpState.ESTABLISHED, count.inEstablished(), time);
    counted.set(TcpState.SYN_SENT, count.inSynSent(), time);
    counted.set(TcpState.SYN_RECV, count.inSynRecv(), time);
    counted.set(TcpState.FIN_WAIT1, count.inFinWait1(), time);
    counted.set(TcpState.FIN_WAIT2, count.inFinWait2(), time);
    counted.set(TcpState.TIME_WAIT, count.inTimeWait(), time);
    counted.set(TcpState.CLOSE_WAIT, count.inCloseWait(), time);
    counted.set(TcpState.LAST_ACK, count.inLastAck(), time);
    counted.set(TcpState.LISTEN, count.inListen(), time);
    counted.set(TcpState.CLOSING, count.inClosing(), time);
    moved.set(TcpState.TIME_WAIT, count.inTimeWait(), time);
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

  /** The sum of several JVMs, without their times, which may not overlap. */
  static List<StateCounts> sum(List<StateSummary> jvms) {
    Map<TcpState, StateCounts> sums = new TreeMap<>(StateHistory.BY_NAME);
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
