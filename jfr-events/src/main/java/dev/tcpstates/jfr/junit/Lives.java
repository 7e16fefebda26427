// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.SocketModel;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Keeps the lives of all sockets, including ended ones. */
final class Lives extends SocketModel {
  private final Map<Long, SocketLife> byId = new HashMap<>();

  @Override
  protected void ended(SocketLife socket, Instant end) {
    byId.putIfAbsent(socket.socketId(), socket);
  }

  @Override
  protected SocketLife endedLife(long socketId) {
    return byId.get(socketId);
  }

  /** The socket's life, once all events are read; null if the recording has none. */
  SocketLife life(long socketId) {
    return byId.get(socketId);
  }
}
