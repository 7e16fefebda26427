// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

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
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds sockets that the remote side has closed and this program has not. */
public final class LeakRule extends TcpRule {
  public static final TypedPreference<IQuantity> AGE =
      time(
          "leak.age",
          "Age of a leak",
          "How long a socket is in CLOSE_WAIT before it counts.",
          UnitLookup.SECOND,
          10);
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      number("leak.info.limit", "Leaked sockets, info limit", "Sockets to show an information.", 1);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      number(
          "leak.warning.limit", "Leaked sockets, warning limit", "Sockets to show a warning.", 3);

  public static final TypedResult<IQuantity> CLOSED_LATE =
      new TypedResult<>(
          "closedLate",
          "Closed Late",
          "Sockets that were in CLOSE_WAIT for that long and were closed later.",
          UnitLookup.NUMBER,
          IQuantity.class);

  public LeakRule() {
    super(
        "TcpLeak",
        "TCP Sockets Left in CLOSE_WAIT",
        List.of(Tcp.STATE_CHANGE, Tcp.SOCKET_STATE, Tcp.STUCK_SOCKET),
        List.of(AGE, INFO_LIMIT, WARNING_LIMIT),
        List.of(CLOSED_LATE));
  }

  /** Polls find each socket that stays in CLOSE_WAIT for long. */
  @Override
  boolean isProvenBySamples() {
    return true;
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    long age = nanos(preferences, AGE);
    long end = items.end();
    Tally leaks = new Tally();
    Set<Long> leaked = new HashSet<>();
    for (SocketLife socket : items.sockets().open()) {
      if (socket.state() == TcpState.CLOSE_WAIT) {
        long wait = end - Sockets.nanos(socket.since());
        if (wait >= age) {
          leaked.add(socket.socketId());
          leaks.add(Sockets.line(socket), wait);
        }
      }
    }
    long late =
        items.sockets().all().stream()
            .filter(socket -> socket.state() != TcpState.CLOSE_WAIT)
            .filter(socket -> Sockets.nanos(socket.closeWait()) >= age)
            .count();
    result.addResult(CLOSED_LATE, UnitLookup.NUMBER_UNITY.quantity(late));
    addCount(result, leaks.count());
    addLongest(result, leaks.longest());
    if (!leaks.isEmpty()) {
      addLines(
          result,
          leaks.byCount().get(0).text(),
          Tally.texts(
              leaks.byCount(),
              entry ->
                  entry.text()
                      + ": "
                      + Words.count(entry.count(), "socket")
                      + ", the oldest for "
                      + Words.time(entry.longest())));
      addEvents(
          result,
          items.oneOfEach(
              leaked,
              ItemFilters.type(Tcp.STATE_CHANGE),
              ItemFilters.type(Tcp.STUCK_SOCKET),
              ItemFilters.type(Tcp.SOCKET_STATE)),
          Tcp.SOCKET_ID,
          Tcp.ADDRESS,
          Tcp.PORT,
          Tcp.OPENED_BY);
    }
    String closedLate =
        late == 0
            ? ""
            : Words.count(late, "socket was", "sockets were")
                + " closed only after {tcpstates.leak.age} or longer in CLOSE_WAIT, for instance by"
                + " the garbage collector or a pool.";
    conclude(
        result,
        Score.of(
            leaks.count(), number(preferences, INFO_LIMIT), number(preferences, WARNING_LIMIT)),
        ((leaks.isEmpty() ? "No socket is" : Words.count(leaks.count(), "socket is", "sockets are"))
                + " left in CLOSE_WAIT. "
                + closedLate)
            .trim(),
        Words.count(leaks.count(), "socket is", "sockets are")
            + " left in CLOSE_WAIT, "
            + (leaks.isOne() ? "" : leaks.partOfFirst() + " ")
            + "opened by {line}.",
        "The remote side has closed each connection, and for at least {tcpstates.leak.age} this"
            + " program has not. Each socket holds a file descriptor, its buffers and a port until"
            + " the program closes it or ends. By opening line: {lines}."
            + (closedLate.isEmpty() ? "" : " " + closedLate),
        "Close the socket, or the client, response or stream that holds it, on every way out of"
            + " the code that opened it, as try-with-resources does. tcpstates.OpenSite has the"
            + " whole stack, under the same Open Site Id.",
        items.excluded(List.of(Tcp.STATE_CHANGE, Tcp.SOCKET_STATE)));
  }
}
