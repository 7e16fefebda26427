// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.PayloadEvent;
import dev.tcpstates.jfr.SocketStateInfo;
import dev.tcpstates.jfr.StuckSocketInfo;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.SocketModel;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps the lives of all sockets, including ended ones. */
final class Lives extends SocketModel {
  private final Map<Long, SocketLife> byId = new HashMap<>();
  private final Map<Long, DataSeen> data = new HashMap<>();

  @Override
  protected void ended(SocketLife socket, Instant end) {
    byId.putIfAbsent(socket.socketId(), socket);
  }

  @Override
  protected SocketLife endedLife(long socketId) {
    return byId.get(socketId);
  }

  @Override
  public void socketState(SocketStateInfo state) {
    super.socketState(state);
    seen(state, 0);
  }

  @Override
  public void stuckSocket(StuckSocketInfo stuck) {
    super.stuckSocket(stuck);
    seen(stuck, 0);
  }

  @Override
  public void throughput(ThroughputInfo traffic) {
    super.throughput(traffic);
    if (traffic.socketId() != 0) {
      seen(traffic, traffic.bytesSent());
    }
  }

  private void seen(PayloadEvent event, long sent) {
    DataSeen before = data(event.socketId());
    data.put(
        event.socketId(), before.with(event.time(), event.lastSent(), event.lastReceived(), sent));
  }

  /** What snapshots have shown of the socket's payload. */
  DataSeen data(long socketId) {
    return data.getOrDefault(socketId, DataSeen.NONE);
  }

  /** The socket's life, once all events are read; null if the recording has none. */
  SocketLife life(long socketId) {
    return byId.get(socketId);
  }

  /** The connects that failed without a transition. */
  List<SocketLife> failedAtOnce() {
    return byId.values().stream()
        .filter(life -> life.begunHere() && life.lastTransition() == null)
        .filter(life -> life.connection() != null && !life.connection().established())
        .toList();
  }
}
