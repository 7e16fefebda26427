// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.ConnectionInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds lines that open one connection after the other and use each only for a moment. */
public final class ChurnRule extends TcpRule {
  public static final TypedPreference<IQuantity> SHORT =
      time(
          "churn.short",
          "Short use",
          "A connection counts as short if it was established for less than this.",
          UnitLookup.MILLISECOND,
          100);
  public static final TypedPreference<IQuantity> SHARE =
      percent(
          "churn.share",
          "Share of short use",
          "A line counts if at least this share of its connections is short.",
          50);
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number(
          "churn.info.limit",
          "Churn, info limit",
          "Short connections of one line in one minute to show an information.",
          30);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "churn.warning.limit",
          "Churn, warning limit",
          "Short connections of one line in one minute to show a warning.",
          300);

  public static final TypedResult<IQuantity> PER_MINUTE =
      new TypedResult<>(
          "perMinute",
          "Most In One Minute",
          "How many short connections the line opened in its busiest minute.",
          UnitLookup.NUMBER,
          IQuantity.class);

  /**
   * A line, its short connections, all its connections, and the short ones of its busiest minute.
   */
  private record Churning(String line, int brief, int all, int perMinute) {
    String text() {
      return line
          + ": "
          + brief
          + " of "
          + Words.count(all, "connection")
          + " short, "
          + perMinute
          + " in one minute";
    }
  }

  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  public ChurnRule() {
    super(
        "TcpChurn",
        "TCP Connections Used Only Once",
        List.of(Tcp.CONNECTION),
        List.of(SHORT, SHARE, INFO_LIMIT, WARNING_LIMIT),
        List.of(PER_MINUTE));
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    long brief = nanos(preferences, SHORT);
    Map<String, List<Long>> starts = new HashMap<>();
    Map<String, Set<Long>> sockets = new HashMap<>();
    Tally all = new Tally();
    for (ConnectionInfo connection : items.sockets().connections()) {
      if (connection.isOutgoing() && connection.established()) {
        String line = Sockets.line(connection);
        all.add(line, 0);
        if (Sockets.nanos(connection.timeEstablished()) < brief) {
          starts
              .computeIfAbsent(line, key -> new ArrayList<>())
              .add(Sockets.nanos(connection.startTime()));
          sockets.computeIfAbsent(line, key -> new HashSet<>()).add(connection.socketId());
        }
      }
    }

    double infoLimit = number(preferences, INFO_LIMIT);
    double share = share(preferences, SHARE);
    List<Churning> churning =
        starts.entrySet().stream()
            .map(
                line ->
                    new Churning(
                        line.getKey(),
                        line.getValue().size(),
                        all.count(line.getKey()),
                        mostInOneMinute(line.getValue())))
            .filter(line -> line.brief() >= share * line.all())
            .sorted(
                Comparator.comparingInt(Churning::perMinute)
                    .reversed()
                    .thenComparing(Churning::line))
            .toList();
    int most = churning.isEmpty() ? 0 : churning.get(0).perMinute();
    result.addResult(PER_MINUTE, UnitLookup.NUMBER_UNITY.quantity(most));
    if (most > 0) {
      String worst = churning.get(0).line();
      addCount(result, churning.get(0).brief());
      addLines(
          result,
          worst,
          Tally.texts(
              churning.stream().filter(line -> line.perMinute() >= infoLimit).toList(),
              Churning::text));
      addEvents(
          result,
          items.oneOfEach(sockets.get(worst), ItemFilters.type(Tcp.CONNECTION)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.TIME_ESTABLISHED,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        Score.of(most, infoLimit, number(preferences, WARNING_LIMIT)),
        "No line opens connection after connection.",
        "{line} opened "
            + (most == 1
                ? "1 connection in one minute and used it"
                : "{perMinute} connections in one minute and used each")
            + " for less than {tcpstates.churn.short}.",
        "Each new connection costs a handshake, with TLS several, starts slowly, and then holds"
            + " a port for a minute in TIME_WAIT. By opening line: {lines}. The remote side may be"
            + " the cause, if it closes the connection after each answer.",
        "Open one connection, client or pool, and reuse it: build an HTTP client once and not"
            + " per request, read each answer to its end so that the connection can go back to"
            + " its pool, and check that neither side sends Connection: close.",
        items.excluded(List.of(Tcp.CONNECTION)));
  }

  /** The largest number of times, in nanoseconds, that are less than a minute apart. */
  static int mostInOneMinute(List<Long> times) {
    long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
    int most = 0;
    int first = 0;
    for (int last = 0; last < sorted.length; last++) {
      while (sorted[last] - sorted[first] >= MINUTE) {
        first++;
      }
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}
