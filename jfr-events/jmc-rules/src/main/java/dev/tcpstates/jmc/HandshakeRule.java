// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;

/** Connections that took long to be established. */
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
    Set<Long> told = new HashSet<>();
    long[] longest = {0};
    items.each(
        Tcp.STATE_CHANGE,
        row -> {
          if (row.is(Tcp.NEW_STATE, "ESTABLISHED") && told.add(row.id(Tcp.SOCKET_ID))) {
            boolean ours = row.is(Tcp.OLD_STATE, "SYN_SENT");
            add(row, ours, row.nanos(Tcp.TIME_IN_STATE), limit, slow, lines, longest);
          }
        });
    items.each(
        Tcp.CONNECTION,
        row -> {
          if (row.flag(Tcp.ESTABLISHED) && told.add(row.id(Tcp.SOCKET_ID))) {
            boolean ours = row.is(Tcp.KIND, "CONNECT");
            add(row, ours, row.nanos(Tcp.HANDSHAKE_TIME), limit, slow, lines, longest);
          }
        });
    addCount(result, slow.count());
    addLongest(result, longest[0]);
    if (!slow.isEmpty()) {
      addLines(
          result,
          lines.byLongest().get(0).text(),
          Tally.texts(
              slow.byLongest(),
              entry ->
                  entry.text()
                      + ": "
                      + Words.count(entry.count(), "time")
                      + ", the longest took "
                      + Words.time(entry.longest())));
      addEvents(
          result,
          ItemFilters.and(
              ItemFilters.type(Tcp.STATE_CHANGE),
              ItemFilters.equals(Tcp.NEW_STATE, "ESTABLISHED"),
              ItemFilters.moreOrEqual(
                  Tcp.TIME_IN_STATE, preferences.getPreferenceValue(INFO_LIMIT))),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.OLD_STATE,
          Tcp.TIME_IN_STATE,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        Score.of(longest[0], limit, nanos(preferences, WARNING_LIMIT)),
        told.isEmpty() ? "No connection was established." : "The longest handshake took {longest}.",
        Words.count(slow.count(), "handshake")
            + " took {tcpstates.handshake.info.limit} or longer, the longest {longest}, of {line}.",
        "By opening line and other side: {lines}. A handshake takes one round trip. About 1 s, 3 s"
            + " or 7 s means that the first, second or third SYN or its answer was lost: by the"
            + " network, by a firewall, or by a listener whose accept queue was full.",
        "If it is one destination, look at its accept queue (ss -lt there, tcpstates.ListenQueue"
            + " if it is a JVM) and at the network between. If it is all of them, look at this"
            + " machine. Connections that are used again need no handshake.",
        items.leftOut(List.of(Tcp.STATE_CHANGE)));
  }

  private static void add(
      Row row, boolean ours, long took, long limit, Tally slow, Tally lines, long[] longest) {
    longest[0] = Math.max(longest[0], took);
    if (took >= limit) {
      slow.add(row.line() + (ours ? " to " : " from ") + (ours ? row.remote() : "clients"), took);
      lines.add(row.line(), took);
    }
  }
}
