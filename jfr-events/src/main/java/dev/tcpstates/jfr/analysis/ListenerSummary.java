// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.ListenQueueInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.Summary.Listener;
import java.time.Duration;
import java.time.Instant;
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
    long waiting;
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

  /**
   * Adds a socket, once it or the recording has ended.
   *
   * @param end when the recording ended; null if the socket ended before
   */
  void add(SocketLife socket, Instant end) {
    if (socket.isListener() && socket.last().localPort() != 0) {
      ports.of(socket.last().localPort()).line = socket.opener().line();
    }
    if (socket.kind() != SocketKind.ACCEPT) {
      return;
    }
    Duration wait = socket.acceptQueueWait(end);
    if (wait != null) {
      Port port = ports.of(socket.last().localPort());
      port.waits.add(wait);
      port.waiting += socket.isInAcceptQueue() ? 1 : 0;
      ConnectionInfo connection = socket.connection();
      port.unaccepted += connection != null && !connection.accepted() ? 1 : 0;
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
              port.waiting,
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
