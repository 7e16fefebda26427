// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;

/** Finds sockets that make no progress, apart from those that {@link LeakRule} finds. */
public final class StuckRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number("stuck.info.limit", "Stuck sockets, info limit", "Sockets to show an information.", 1);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "stuck.warning.limit", "Stuck sockets, warning limit", "Sockets to show a warning.", 3);

  public StuckRule() {
    super(
        "TcpStuck",
        "TCP Sockets Without Progress",
        List.of(Tcp.STUCK_SOCKET, Tcp.SOCKET_STATE),
        List.of(INFO_LIMIT, WARNING_LIMIT),
        List.of());
  }

  private static String givesUp(Long nanos) {
    return nanos == null ? "" : ", and the kernel gives up in " + Words.time(nanos);
  }

  /** Polls find each socket that is stuck for long. */
  @Override
  boolean isProvenBySamples() {
    return true;
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    Instant end = Instant.ofEpochSecond(0, items.end());
    Tally stuck = new Tally();
    Set<Long> sockets = new HashSet<>();
    Map<String, Long> givenUpIn = new HashMap<>();
    for (SocketLife socket : items.sockets().open()) {
      StuckCause cause = socket.stuckAt(end);
      if (cause != null && cause != StuckCause.NOT_CLOSED) {
        sockets.add(socket.socketId());
        String text =
            cause + " with " + Sockets.remote(socket.last()) + ", " + socket.opener().line();
        stuck.add(text, Sockets.nanos(socket.stuck().stuckFor()));
        if (socket.stuck().givesUpIn() != null) {
          givenUpIn.merge(text, Sockets.nanos(socket.stuck().givesUpIn()), Math::min);
        }
      }
    }
    addCount(result, stuck.count());
    addLongest(result, stuck.longest());
    if (!stuck.isEmpty()) {
      addLines(
          result,
          stuck.byCount().get(0).text(),
          Tally.texts(
              stuck.byCount(),
              entry ->
                  entry.text()
                      + ": "
                      + Words.count(entry.count(), "socket")
                      + ", for at most "
                      + Words.time(entry.longest())
                      + givesUp(givenUpIn.get(entry.text()))));
      addEvents(
          result,
          items.oneOfEach(sockets, ItemFilters.type(Tcp.STUCK_SOCKET)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.CAUSE,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        Score.of(
            stuck.count(), number(preferences, INFO_LIMIT), number(preferences, WARNING_LIMIT)),
        (stuck.isEmpty() ? "No socket is" : Words.count(stuck.count(), "socket is", "sockets are"))
            + " without progress for as long as the agent's option stuckAfter.",
        Words.count(stuck.count(), "socket is", "sockets are")
            + " without progress"
            + (stuck.isOne() ? ": " : ", " + stuck.partOfFirst() + " ")
            + "{line}.",
        "UNACKNOWLEDGED: the remote side acknowledges nothing, as when its host is gone. UNREAD:"
            + " this program does not read what came. NOT_ACCEPTED: the connection waits for"
            + " accept. CONNECTING: the handshake is not complete. CLOSING: the remote side does"
            + " not close. By cause and line: {lines}.",
        "Set timeouts for connects, reads and writes, read each response to its end or close it,"
            + " and keep the accepting thread free.",
        items.excluded(List.of(Tcp.STUCK_SOCKET)));
  }
}
