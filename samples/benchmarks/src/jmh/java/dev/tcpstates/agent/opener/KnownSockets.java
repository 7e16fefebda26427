// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketListener;
import java.util.List;

/** A registry whose sockets have the ids that a benchmark gives them. */
public final class KnownSockets {
  private static final int STACK_DEPTH = 64;
  private static final int NO_FD = -1;

  private long next;

  private final OpenSockets sockets =
      new OpenSockets(
          STACK_DEPTH, new StackRule(List.of(), List.of()), fd -> next, (id, site, fd) -> null);

  /** The registry. */
  public OpenSockets sockets() {
    return sockets;
  }

  /** Opens sockets with the ids from the first to before the last. */
  public void open(long first, long last) {
    for (next = first; next < last; next++) {
      sockets.opened(NO_FD, SocketListener.CONNECT);
    }
  }
}
