// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;

/** Finds connections that took long to be established. */
public final class HandshakeRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      time(
          "handshake.info.limit",
          "Handshake, info limit",
          "How long one handshake takes to show an information.",
          UnitLookup.MILLISECOND,
          200);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      time(
          "handshake.warning.limit",
          "Handshake, warning limit",
          "How long one handshake takes to show a warning.",
          UnitLookup.SECOND,
          1);

  public HandshakeRule() {
    super(
        "TcpSlowHandshake",
        "TCP Handshakes That Took Long",
        List.of(Tcp.STATE_CHANGE, Tcp.CONNECTION),
        List.of(INFO_LIMIT, WARNING_LIMIT),
        List.of());
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    long limit = nanos(preferences, INFO_LIMIT);
    Tally slow = new Tally();
    Tally lines = new Tally();
    Set<Long> sockets = new HashSet<>();
    long longest = 0;
    int established = 0;
    for (SocketLife socket : items.sockets().all()) {
      if (!socket.isEstablished()) {
        continue;
      }
      established++;
      long took = Sockets.nanos(socket.handshake());
      longest = Math.max(longest, took);
      if (took >= limit) {
        String line = Sockets.line(socket);
        slow.add(
            line
                + (socket.kind() == SocketKind.ACCEPT
                    ? " from clients"
                    : " to " + Sockets.remote(socket.last())),
            took);
        lines.add(line, took);
        sockets.add(socket.socketId());
      }
    }
    addCount(result, slow.count());
    addLongest(result, longest);
    if (!slow.isEmpty()) {
      addLines(
          result,
          lines.byLongest().get(0).text(),
          Tally.texts(slow.byLongest(), entry -> entry.text() + ": " + Words.times(entry)));
      addEvents(
          result,
          items.oneOfEach(
              sockets,
              ItemFilters.and(
                  ItemFilters.type(Tcp.STATE_CHANGE),
                  ItemFilters.equals(Tcp.NEW_STATE, TcpState.ESTABLISHED.name())),
              ItemFilters.type(Tcp.CONNECTION)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.OLD_STATE,
          Tcp.TIME_IN_STATE,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        Score.of(longest, limit, nanos(preferences, WARNING_LIMIT)),
        established == 0
            ? "No connection was established."
            : "The longest handshake took {longest}.",
        Words.count(slow.count(), "handshake")
            + " took {tcpstates.handshake.info.limit} or longer"
            + (slow.count() == 1
                ? ": {longest}, of {line}."
                : "; the longest, of {line}, took {longest}."),
        "By opening line and remote side: {lines}. A handshake takes one round trip. About 1 s, 3 s"
            + " or 7 s means that the first, second or third SYN or its answer was lost: by the"
            + " network, by a firewall, or by a listener whose accept queue was full.",
        "If it is one destination, check its accept queue (ss -lt there, tcpstates.ListenQueue"
            + " if it is a JVM) and the network between. If it is all of them, check this"
            + " machine. Reused connections need no handshake.",
        items.excluded(List.of(Tcp.STATE_CHANGE)));
  }
}
