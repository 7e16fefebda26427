// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.Summary.Listener;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sums up the accepted connections by listening port. */
final class ListenerSummary {
  private static final int OTHER_PORTS = 0;

  private static final class Port {
    final int port;
    final Durations waits = new Durations();
    String line;
    long unaccepted;
    int longestQueue;
    int queueLimit;
    long drops;

    Port(int port) {
      this.port = port;
    }
  }

  private final Lines<Integer, Port> ports =
      new Lines<>(Summarizer.LINES, port -> OTHER_PORTS, Port::new);

  /** Adds a connection that has ended. */
  void add(ConnectionInfo connection) {
    if (connection.kind() == SocketKind.ACCEPT
        && connection.established()
        && connection.acceptQueueWait() != null) {
      Port port = ports.of(connection.localPort());
      port.waits.add(connection.acceptQueueWait());
      port.unaccepted += connection.accepted() ? 0 : 1;
    }
  }

  /** Adds a socket, once it or the recording has ended. */
  void add(SocketLife socket) {
    if (socket.isListener() && socket.last().localPort() != 0) {
      ports.of(socket.last().localPort()).line = socket.opener().line();
    }
  }

  void add(ListenQueueInfo queue, Opener opener) {
    Port port = ports.of(queue.localPort());
    port.line = opener.line();
    port.longestQueue = Math.max(port.longestQueue, queue.queueLength());
    port.queueLimit = queue.queueLimit();
    port.drops += queue.drops();
  }

  List<Listener> list() {
    List<Listener> list = new ArrayList<>();
    for (Port port : ports.all()) {
      list.add(
          new Listener(
              port.port,
              port.line,
              port.waits.distribution(),
              port.unaccepted,
              port.longestQueue,
              port.queueLimit,
              port.drops));
    }
    list.sort(
        Comparator.<Listener>comparingLong(listener -> listener.queueWait().count()).reversed());
    return list;
  }
}
