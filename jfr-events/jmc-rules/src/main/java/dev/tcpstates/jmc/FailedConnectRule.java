// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds attempts to connect that were refused, timed out or abandoned. */
public final class FailedConnectRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number(
          "connect.info.limit",
          "Failed connects, info limit",
          "Failures of one line to one destination to show an information.",
          1);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "connect.warning.limit",
          "Failed connects, warning limit",
          "Failures of one line to one destination to show a warning.",
          10);
  public static final TypedPreference<IQuantity> TIME_INFO_LIMIT =
      time(
          "connect.time.info.limit",
          "Time to fail, info limit",
          "How long one failing attempt takes to show an information.",
          UnitLookup.SECOND,
          1);
  public static final TypedPreference<IQuantity> TIME_WARNING_LIMIT =
      time(
          "connect.time.warning.limit",
          "Time to fail, warning limit",
          "How long one failing attempt takes to show a warning.",
          UnitLookup.SECOND,
          10);

  public static final TypedResult<IQuantity> TIME_LOST =
      new TypedResult<>(
          "timeLost",
          "Time Lost",
          "How long all failing attempts took together.",
          UnitLookup.TIMESPAN,
          IQuantity.class);

  public FailedConnectRule() {
    super(
        "TcpFailedConnect",
        "TCP Connects Refused or Timed Out",
        List.of(Tcp.CONNECTION, Tcp.STATE_CHANGE),
        List.of(INFO_LIMIT, WARNING_LIMIT, TIME_INFO_LIMIT, TIME_WARNING_LIMIT),
        List.of(TIME_LOST));
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    Tally failures = new Tally();
    Tally lines = new Tally();
    Set<Long> sockets = new HashSet<>();
    for (SocketLife socket : items.sockets().all()) {
      ConnectionInfo connection = socket.connection();
      Transition last = socket.lastTransition();
      if (connection != null) {
        if (connection.isOutgoing() && !connection.established()) {
          String reason = connection.reason();
          add(
              socket,
              reason == null ? String.valueOf(connection.end()) : reason,
              Duration.between(connection.startTime(), connection.endTime()),
              failures,
              lines);
          sockets.add(socket.socketId());
        }
      } else if (last != null
          && last.oldState() == TcpState.SYN_SENT
          && last.newState() == TcpState.CLOSE) {
        String reason = last.reason();
        add(
            socket,
            reason == null ? ConnectionEnd.ABANDONED.name() : reason,
            last.timeInState(),
            failures,
            lines);
        sockets.add(socket.socketId());
      }
    }
    addCount(result, failures.count());
    addLongest(result, failures.longest());
    result.addResult(TIME_LOST, UnitLookup.NANOSECOND.quantity(failures.total()));
    double score = 0;
    if (!failures.isEmpty()) {
      List<Tally.Entry> byCount = failures.byCount();
      score =
          Math.max(
              Score.of(
                  byCount.get(0).count(),
                  number(preferences, INFO_LIMIT),
                  number(preferences, WARNING_LIMIT)),
              Score.of(
                  failures.longest(),
                  nanos(preferences, TIME_INFO_LIMIT),
                  nanos(preferences, TIME_WARNING_LIMIT)));
      addLines(
          result,
          lines.byCount().get(0).text(),
          Tally.texts(byCount, entry -> entry.text() + ": " + Words.times(entry)));
      addEvents(
          result,
          items.oneOfEach(
              sockets, ItemFilters.type(Tcp.CONNECTION), ItemFilters.type(Tcp.STATE_CHANGE)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.REASON,
          JfrAttributes.DURATION,
          Tcp.OPENED_BY);
    }
    conclude(
        result,
        score,
        failures.isEmpty() ? "No connect failed." : "Few connects failed, and quickly: {count}.",
        Words.count(failures.count(), "connect")
            + (lines.isOne()
                ? " of {line} failed"
                : " failed, " + lines.partOfFirst() + " of {line}")
            + (failures.count() == 1 ? ", after {longest}." : "; the longest took {longest}."),
        "Failures by line and destination: {lines}. ECONNREFUSED: no process listens there, or a"
            + " firewall rejects. ETIMEDOUT: no answer came. ABANDONED: the program closed the"
            + " socket first, for instance after its connect timeout. Together they took"
            + " {timeLost}.",
        "Check address, port and firewall of the destination. Where a host name has several"
            + " addresses, and a success follows the failure, remove the failing address from"
            + " the name service. Set a connect timeout, and increase the pause between retries.",
        items.excluded(List.of(Tcp.CONNECTION, Tcp.STATE_CHANGE)));
  }

  private static void add(
      SocketLife socket, String reason, Duration took, Tally failures, Tally lines) {
    String line = Sockets.line(socket);
    failures.add(
        line + " to " + Sockets.remote(socket.last()) + " (" + reason + ")", took.toNanos());
    lines.add(line, took.toNanos());
  }
}
