// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A socket's life as ftrace saw it.
 *
 * @param rows by time, repeated states included
 */
public record FtraceSocket(List<FtraceRow> rows) {

  /** Those whose beginning was seen, by the time of it. */
  static List<FtraceSocket> of(List<FtraceRow> rows) {
    List<FtraceSocket> sockets = new ArrayList<>();
    Map<Long, FtraceSocket> alive = new HashMap<>();
    for (FtraceRow row : rows) {
      FtraceSocket socket = alive.get(row.sk());
      if (row.step().first() && !row.step().repeated()) {
        socket = new FtraceSocket(new ArrayList<>());
        sockets.add(socket);
        alive.put(row.sk(), socket);
      }
      if (socket != null) {
        socket.rows.add(row);
      }
      if (row.step().newState().equals("CLOSE")) {
        alive.remove(row.sk()); // the next socket may get its address
      }
    }
    return sockets;
  }

  /** Both ends, which no transition shows better than the last. */
  String ends() {
    return rows.get(rows.size() - 1).step().ends();
  }

  /** Without the repeated states. */
  List<FtraceRow> transitions() {
    return rows.stream().filter(row -> !row.step().repeated()).toList();
  }
}
