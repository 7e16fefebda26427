// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Growing;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/** Finds lines that open connections over a long time, of which few end. */
public final class GrowthRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number(
          "growth.info.limit",
          "Growth, info limit",
          "Connections of one line that have not ended, to show an information.",
          5);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "growth.warning.limit",
          "Growth, warning limit",
          "Connections of one line that have not ended, to show a warning.",
          50);

  public GrowthRule() {
    super(
        "TcpGrowth",
        "TCP Connections Opened and Never Closed",
        List.of(Tcp.STATE_CHANGE, Tcp.SOCKET_STATE),
        List.of(INFO_LIMIT, WARNING_LIMIT),
        List.of());
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    Map<String, List<SocketLife>> byLine = new HashMap<>();
    Growing growing = new Growing();
    for (SocketLife socket : items.sockets().all()) {
      if (socket.isConnection()) {
        byLine.computeIfAbsent(socket.opener().line(), line -> new ArrayList<>()).add(socket);
        growing.add(socket);
      }
    }
    Set<SocketLife> open = new HashSet<>(items.sockets().open());
    Instant start = Instant.ofEpochSecond(0, items.start());
    Instant end = Instant.ofEpochSecond(0, items.end());
    Tally growth = new Tally();
    Set<Long> sockets = new HashSet<>();
    byLine.forEach(
        (line, all) -> {
          List<SocketLife> grown =
              all.stream().filter(s -> s.begunHere() && isIdle(s, open)).toList();
          List<Instant> opened = grown.stream().map(SocketLife::begun).toList();
          long ended = all.stream().filter(socket -> !open.contains(socket)).count();
          Duration over = growing.over(opened, ended, 1, start, end);
          if (over != null) {
            grown.forEach(
                socket -> {
                  sockets.add(socket.socketId());
                  growth.add(line, over.toNanos());
                });
          }
        });
    int most = growth.isEmpty() ? 0 : growth.byCount().get(0).count();
    addCount(result, most);
    if (most > 0) {
      addLongest(result, growth.byCount().get(0).longest());
      addLines(
          result,
          growth.byCount().get(0).text(),
          Tally.texts(
              growth.byCount(),
              entry ->
                  entry.text()
                      + ": "
                      + Words.count(entry.count(), "connection")
                      + " over "
                      + Words.time(entry.longest())));
      addEvents(
          result,
          items.oneOfEach(
              sockets, ItemFilters.type(Tcp.STATE_CHANGE), ItemFilters.type(Tcp.SOCKET_STATE)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        Score.of(most, number(preferences, INFO_LIMIT), number(preferences, WARNING_LIMIT)),
        "No line opens connections of which few end.",
        "{line} opened {count} connections that have not ended.",
        "Such a line opened connections over half of the recording or more, and few of them ended."
            + " This may be a leak of established connections: {lines}. It may also be a pool that"
            + " still grows.",
        "Create a client, channel or pool once, reuse it, and close it when it is no longer"
            + " needed.",
        items.excluded(List.of(Tcp.STATE_CHANGE)));
  }

  private static boolean isIdle(SocketLife socket, Set<SocketLife> open) {
    return open.contains(socket) && socket.state() == TcpState.ESTABLISHED;
  }
}
