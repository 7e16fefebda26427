// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.SocketLife;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Finds connections that waited long for accept. */
public final class AcceptQueueRule extends TcpRule {
  public static final TypedPreference<IQuantity> INFO_LIMIT =
      time(
          "accept.info.limit",
          "Accept queue wait, info limit",
          "How long one connection waits for accept to show an information.",
          UnitLookup.MILLISECOND,
          100);
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      time(
          "accept.warning.limit",
          "Accept queue wait, warning limit",
          "How long one connection waits for accept to show a warning.",
          UnitLookup.SECOND,
          1);

  public static final TypedResult<IQuantity> DROPS =
      new TypedResult<>(
          "drops",
          "Drops",
          "Connections and requests that listeners dropped.",
          UnitLookup.NUMBER,
          IQuantity.class);
  public static final TypedResult<IQuantity> QUEUE =
      new TypedResult<>(
          "queue",
          "Longest Queue",
          "The longest accept queue in the recording.",
          UnitLookup.NUMBER,
          IQuantity.class);

  public AcceptQueueRule() {
    super(
        "TcpAcceptQueue",
        "TCP Connections That Waited for accept",
        List.of(Tcp.CONNECTION, Tcp.LISTEN_QUEUE, Tcp.STATE_CHANGE),
        List.of(INFO_LIMIT, WARNING_LIMIT),
        List.of(DROPS, QUEUE));
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    long limit = nanos(preferences, INFO_LIMIT);
    Tally waits = new Tally();
    Set<Long> sockets = new HashSet<>();
    for (SocketLife socket : items.sockets().all()) {
      ConnectionInfo connection = socket.connection();
      boolean waited =
          connection == null
              ? socket.acceptQueueWait() != null
              : connection.kind() == SocketKind.ACCEPT && connection.established();
      if (waited) {
        if (Sockets.nanos(socket.acceptQueueWait()) >= limit) {
          sockets.add(socket.socketId());
        }
        waits.add(
            queue(socket.opener().line(), Sockets.local(socket.last())),
            Sockets.nanos(socket.acceptQueueWait()));
      }
    }
    Tally drops = new Tally();
    long[] queue = {0};
    items.each(
        Tcp.LISTEN_QUEUE,
        row -> {
          queue[0] = Math.max(queue[0], row.number(Tcp.QUEUE_LENGTH));
          if (row.number(Tcp.DROPS) > 0) {
            drops.add(queue(row.line(), row.local()), row.number(Tcp.DROPS));
          }
        });
    List<Tally.Entry> slow =
        waits.byLongest().stream().filter(entry -> entry.longest() >= limit).toList();

    addCount(result, waits.count());
    addLongest(result, waits.longest());
    result
        .addResult(DROPS, UnitLookup.NUMBER_UNITY.quantity(drops.total()))
        .addResult(QUEUE, UnitLookup.NUMBER_UNITY.quantity(queue[0]));
    if (!slow.isEmpty() || !drops.isEmpty()) {
      List<String> lines =
          new ArrayList<>(
              Tally.texts(
                  drops.byCount(),
                  entry -> entry.text() + ": " + entry.total() + " dropped by the listener"));
      lines.addAll(
          Tally.texts(
              slow,
              entry ->
                  entry.text()
                      + ": "
                      + Words.time(entry.longest())
                      + " at most, of "
                      + Words.count(entry.count(), "connection")));
      addLines(result, (slow.isEmpty() ? drops.byCount() : slow).get(0).text(), lines);
      addEvents(
          result,
          items.oneOfEach(
              sockets,
              ItemFilters.type(Tcp.CONNECTION),
              ItemFilters.and(
                  ItemFilters.type(Tcp.STATE_CHANGE),
                  ItemFilters.equals(Tcp.NEW_STATE, TcpState.ESTABLISHED.name())),
              ItemFilters.type(Tcp.SOCKET_STATE)),
          Tcp.SOCKET_ID,
          Tcp.LOCAL_ADDRESS,
          Tcp.LOCAL_PORT,
          Tcp.ACCEPT_QUEUE_WAIT,
          Tcp.OPENED_BY);
    }
    double score = Score.of(waits.longest(), limit, nanos(preferences, WARNING_LIMIT));
    boolean dropped = !drops.isEmpty();
    conclude(
        result,
        dropped ? Math.max(score, Severity.WARNING.getLimit()) : score,
        waits.isEmpty()
            ? "No connection was accepted."
            : "The longest wait for accept was {longest}.",
        (dropped
                ? (drops.isOne() ? "A listener" : "Listeners")
                    + " dropped "
                    + Words.count(drops.total(), "connection or request", "connections or requests")
                    + ". "
                : "")
            + (waits.isEmpty()
                ? "No connection was accepted."
                : "The longest wait for accept was {longest}"
                    + (slow.isEmpty() ? "." : ", at {line}.")),
        "To the client, the connection is established and the server does not answer. By line:"
            + " {lines}. Possible causes are a thread that accepts and also serves, a full"
            + " executor, or a pause of the JVM. Once the queue is full, the kernel drops new"
            + " connections, and clients retry after a second.",
        "Accept in a thread that does nothing else. Give the listener a larger backlog only"
            + " against bursts (the kernel cuts it at net.core.somaxconn). Look for garbage"
            + " collections and safepoints at the same time.",
        items.excluded(List.of(Tcp.CONNECTION)));
  }

  private static String queue(String line, String local) {
    return line + " on " + local;
  }
}
