// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmc.common.IDisplayable;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds destinations with a large share of retransmits. */
public final class RetransmitRule extends TcpRule {
  public static final TypedPreference<IQuantity> LEAST =
      number(
          "retransmit.least",
          "Retransmits that count",
          "Destinations with fewer retransmits are ignored.",
          10);
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      percent(
          "retransmit.info.limit",
          "Retransmits, info limit",
          "Share of the segments to one destination to show an information.",
          1);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      percent(
          "retransmit.warning.limit",
          "Retransmits, warning limit",
          "Share of the segments to one destination to show a warning.",
          5);

  public static final TypedResult<IQuantity> WORST =
      new TypedResult<>(
          "share",
          "Largest Share",
          "Share of retransmits among the segments to one destination.",
          UnitLookup.PERCENTAGE,
          IQuantity.class);
  public static final TypedResult<IQuantity> OPEN =
      new TypedResult<>(
          "open",
          "On Open Connections",
          "Retransmits on connections that had not ended, which have no share yet.",
          UnitLookup.NUMBER,
          IQuantity.class);

  private static final class Segments {
    private long sent;
    private long again;

    private double share() {
      return sent == 0 ? 0 : (double) again / sent;
    }
  }

  public RetransmitRule() {
    super(
        "TcpRetransmit",
        "TCP Segments That Were Retransmitted",
        List.of(Tcp.CONNECTION, Tcp.RETRANSMIT),
        List.of(LEAST, INFO_LIMIT, WARNING_LIMIT),
        List.of(WORST, OPEN));
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    Map<String, Segments> all = new HashMap<>();
    long open = 0;
    Set<Long> sockets = new HashSet<>();
    for (SocketLife socket : items.sockets().all()) {
      ConnectionInfo connection = socket.connection();
      if (connection == null) {
        open += socket.retransmits();
      } else {
        Segments segments =
            all.computeIfAbsent(
                Sockets.line(connection) + Sockets.where(connection), key -> new Segments());
        segments.sent += connection.segmentsSent();
        segments.again += connection.retransmits();
        if (connection.retransmits() > 0) {
          sockets.add(connection.socketId());
        }
      }
    }

    double least = number(preferences, LEAST);
    List<Map.Entry<String, Segments>> lossy =
        all.entrySet().stream()
            .filter(entry -> entry.getValue().again > 0 && entry.getValue().again >= least)
            .sorted(
                Comparator.comparingDouble(
                        (Map.Entry<String, Segments> entry) -> entry.getValue().share())
                    .reversed()
                    .thenComparing(Map.Entry::getKey))
            .toList();
    double worst = lossy.isEmpty() ? 0 : lossy.get(0).getValue().share();
    long retransmits = all.values().stream().mapToLong(segments -> segments.again).sum();
    addCount(result, retransmits);
    result
        .addResult(WORST, UnitLookup.PERCENT_UNITY.quantity(worst))
        .addResult(OPEN, UnitLookup.NUMBER_UNITY.quantity(open));
    if (!lossy.isEmpty()) {
      addLines(result, lossy.get(0).getKey(), Tally.texts(lossy, RetransmitRule::text));
      addEvents(
          result,
          items.oneOfEach(sockets, ItemFilters.type(Tcp.CONNECTION)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.RETRANSMITS,
          Tcp.SEGMENTS_SENT,
          Tcp.OPENED_BY);
    }
    String stillOpen =
        open == 0
            ? ""
            : (open == 1 ? " There was 1 more" : " There were {open} more")
                + " on connections that had not ended.";
    conclude(
        result,
        Score.of(worst, share(preferences, INFO_LIMIT), share(preferences, WARNING_LIMIT)),
        (retransmits == 0
                ? "Of the connections that ended, no segment was retransmitted."
                : "Of the connections that ended, few segments were retransmitted: {count}.")
            + stillOpen,
        "{share} of the segments that {line} sent were retransmits.",
        "By opening line and remote side: {lines}. Each costs at least a round trip, a lost SYN a"
            + " second."
            + stillOpen,
        "If it is one destination, check the network path and its load; if it is all, check this"
            + " machine's network card and queues (ip -s link, nstat TcpRetransSegs).",
        items.excluded(List.of(Tcp.CONNECTION)));
  }

  private static String text(Map.Entry<String, Segments> entry) {
    Segments segments = entry.getValue();
    IQuantity share = UnitLookup.PERCENT.quantity(Math.round(segments.share() * 1000) / 10.0);
    return entry.getKey()
        + ": "
        + segments.again
        + " of "
        + segments.sent
        + ", "
        + share.displayUsing(IDisplayable.AUTO);
  }
}
