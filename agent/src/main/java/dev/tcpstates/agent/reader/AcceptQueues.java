// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.opener.CallSite;

/**
 * Adopts what waited in an accept queue when the agent came: a connection that no descriptor led to
 * yet, and whose listener had no mark to inherit. Costs a system call for each accepted socket, so
 * it is done only where a listener was open before the agent.
 */
final class AcceptQueues {
  private final SocketSource source;
  private volatile boolean listenerAdopted;

  AcceptQueues(SocketSource source) {
    this.source = source;
  }

  /** Whether one of the adopted sockets is a listener. */
  void adopted(boolean listener) {
    listenerAdopted = listener;
  }

  /** A socket was opened; called in the opening thread. */
  void opened(long socketId, CallSite site, int fd) {
    if (listenerAdopted && site.kind().equals("ACCEPT")) {
      source.adopt(fd, socketId);
    }
  }
}
