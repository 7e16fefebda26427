// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static dev.tcpstates.jfr.analysis.Words.address;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.OpenedBy;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.SocketModel;
import dev.tcpstates.jfr.read.TcpEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemFilters;

/** The sockets of a recording. Immutable once read. */
final class Sockets extends SocketModel {
  /** The rules read the sockets of one recording only once. */
  private static final Map<IItemCollection, Sockets> READ =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final List<SocketLife> all = new ArrayList<>();
  private final List<SocketLife> open = new ArrayList<>();

  private Sockets() {}

  static Sockets of(IItemCollection items) {
    return READ.computeIfAbsent(items, Sockets::read);
  }

  private static Sockets read(IItemCollection items) {
    TcpEvents events = new TcpEvents();
    for (String type : TcpEvents.types()) {
      for (IItemIterable some : items.apply(ItemFilters.type(type))) {
        ItemFields fields = new ItemFields(some.getType());
        for (IItem item : some) {
          events.add(type, fields.at(item));
        }
      }
    }
    Sockets sockets = new Sockets();
    events.replay(sockets);
    sockets.end();
    return sockets;
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    all.add(socket);
    if (end != null) {
      open.add(socket);
    }
  }

  List<SocketLife> all() {
    return Collections.unmodifiableList(all);
  }

  /** The sockets that were open at the end of the recording. */
  List<SocketLife> open() {
    return Collections.unmodifiableList(open);
  }

  /** The connections, and attempts at one, that have a {@code Connection} event. */
  List<ConnectionInfo> connections() {
    return all.stream()
        .map(SocketLife::connection)
        .filter(connection -> connection != null)
        .toList();
  }

  /**
   * The line of code that opened the socket, without its callers; if that is not the application's,
   * with the name of the thread.
   */
  static String line(SocketEvent event) {
    return withThread(Row.line(event.openedBy()), event.openThread());
  }

  /** The same of a whole life. */
  static String line(SocketLife socket) {
    return withThread(socket.opener().line(), socket.thread());
  }

  /** Threads whose names differ in the last number do the same. */
  private static String withThread(String line, String thread) {
    return OpenedBy.withThread(line, thread == null ? null : thread.replaceFirst("\\d+$", "*"));
  }

  static String remote(SocketEvent event) {
    return address(event.address(), event.port());
  }

  /** The remote side of a connection that this side made; the listener of an accepted one. */
  static String where(ConnectionInfo connection) {
    return connection.isOutgoing() ? " to " + remote(connection) : " on " + local(connection);
  }

  static String local(SocketEvent event) {
    return address(event.localAddress(), event.localPort());
  }

  /** In nanoseconds since 1970. */
  static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  /** In nanoseconds; 0 if the time is unknown. */
  static long nanos(Duration time) {
    return time == null ? 0 : time.toNanos();
  }
}
