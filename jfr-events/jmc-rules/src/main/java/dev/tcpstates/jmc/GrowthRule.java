// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.SocketLife;
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

/** Finds lines that open connections over the whole recording and of which none ends. */
public final class GrowthRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number(
          "growth.info.limit",
          "Growth, info limit",
          "Connections of one line that only opened some, to show an information.",
          5);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "growth.warning.limit",
          "Growth, warning limit",
          "Connections of one line that only opened some, to show a warning.",
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
    for (SocketLife socket : items.sockets().all()) {
      if (socket.kind() == SocketKind.CONNECT || socket.kind() == SocketKind.ACCEPT) {
        byLine.computeIfAbsent(socket.opener().line(), line -> new ArrayList<>()).add(socket);
      }
    }
    Set<SocketLife> open = new HashSet<>(items.sockets().open());
    long half = (items.end() - items.start()) / 2;
    Tally growth = new Tally();
    Set<Long> sockets = new HashSet<>();
    byLine.forEach(
        (line, opened) -> {
          long[] times =
              opened.stream().mapToLong(socket -> Sockets.nanos(socket.begun())).sorted().toArray();
          long over = times[times.length - 1] - times[0];
          // A pool opens its connections within a short time.
          if (over >= half && opened.stream().allMatch(s -> s.begunHere() && open.contains(s))) {
            opened.forEach(
                socket -> {
                  sockets.add(socket.socketId());
                  growth.add(line, over);
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
        "No line opens connections without any of them ending.",
        "{line} opened {count} connections, and none of them has ended.",
        "Over the recording, such a line opened connections and closed none, which may be a leak"
            + " of established connections: {lines}. It may also be a pool that still grows.",
        "Create a client, channel or pool once, reuse it, and close it when it is no longer"
            + " needed.",
        items.excluded(List.of(Tcp.STATE_CHANGE)));
  }
}
