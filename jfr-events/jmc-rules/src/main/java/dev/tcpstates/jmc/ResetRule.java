// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds established connections that ended by a reset. */
public final class ResetRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number(
          "reset.info.limit",
          "Resets, info limit",
          "Connections of one line that were reset to show an information.",
          1);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "reset.warning.limit",
          "Resets, warning limit",
          "Connections of one line that were reset to show a warning.",
          20);

  public static final TypedResult<IQuantity> UNREAD =
      new TypedResult<>(
          "unread",
          "Reset With Data Unread",
          "Connections that this side reset because it closed them with unread data.",
          UnitLookup.NUMBER,
          IQuantity.class);

  public ResetRule() {
    super(
        "TcpReset",
        "TCP Connections That Were Reset",
        List.of(Tcp.CONNECTION),
        List.of(INFO_LIMIT, WARNING_LIMIT),
        List.of(UNREAD));
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    Tally resets = new Tally();
    Tally lines = new Tally();
    Set<Long> sockets = new HashSet<>();
    Map<Long, String> reasons = reasons(items);
    long unread = 0;
    for (ConnectionInfo connection : items.sockets().connections()) {
      boolean local = connection.end() == ConnectionEnd.RESET_BY_LOCAL;
      if (connection.established() && connection.isReset()) {
        String line = Sockets.line(connection);
        resets.add(
            line
                + Sockets.where(connection)
                + (local
                    ? " (reset by this side" + reasons.getOrDefault(connection.socketId(), "") + ")"
                    : " (reset by the remote side)"),
            0);
        lines.add(line, 0);
        sockets.add(connection.socketId());
        unread += local && connection.bytesUnread() > 0 ? 1 : 0;
      }
    }
    addCount(result, resets.count());
    result.addResult(UNREAD, UnitLookup.NUMBER_UNITY.quantity(unread));
    double score = 0;
    if (!resets.isEmpty()) {
      Tally.Entry worst = lines.byCount().get(0);
      score =
          Score.of(
              worst.count(), number(preferences, INFO_LIMIT), number(preferences, WARNING_LIMIT));
      addLines(
          result,
          worst.text(),
          Tally.texts(
              resets.byCount(),
              entry -> entry.text() + ": " + Words.count(entry.count(), "connection")));
      addEvents(
          result,
          items.oneOfEach(sockets, ItemFilters.type(Tcp.CONNECTION)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.END,
          Tcp.REASON,
          Tcp.BYTES_UNREAD,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        score,
        resets.isEmpty() ? "No connection was reset." : "Few connections were reset: {count}.",
        lines.isOne()
            ? Words.count(resets.count(), "connection")
                + " of {line} "
                + (resets.count() == 1 ? "was" : "were")
                + " reset."
            : resets.count() + " connections were reset, " + lines.partOfFirst() + " of {line}.",
        "By opening line: {lines}. Data in flight was lost. This side resets if it"
            + " closes a socket with unread data ({unread} of these) or with SO_LINGER 0; the"
            + " remote side for the same reasons, or because it, or a proxy between, no longer"
            + " knows the connection.",
        "If this side resets: read to the end before closing. If the remote side does: let"
            + " idle connections of the pool expire before the remote side's timeout, and check"
            + " the remote side's log.",
        items.excluded(List.of(Tcp.CONNECTION)));
  }

  /** Why the kernel sent a reset, by socket, if it gives a reason. */
  private static Map<Long, String> reasons(TcpItems items) {
    Map<Long, String> reasons = new HashMap<>();
    items.each(
        Tcp.RESET,
        row -> {
          if (row.is(Tcp.DIRECTION, "SENT") && row.text(Tcp.REASON) != null) {
            reasons.put(row.id(Tcp.SOCKET_ID), ": " + row.text(Tcp.REASON));
          }
        });
    return reasons;
  }
}
