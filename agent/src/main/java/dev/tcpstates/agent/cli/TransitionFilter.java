// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Passes on the transitions of the included sockets. A socket that connects has no local port until
 * the kernel has chosen one. If the filter needs the port, the first transition waits for the
 * second.
 */
final class TransitionFilter implements Consumer<Transition> {
  private final RowFilter filter;
  private final Consumer<Transition> next;
  private final Map<Long, Transition> waiting = new HashMap<>();

  TransitionFilter(RowFilter filter, Consumer<Transition> next) {
    this.filter = filter;
    this.next = next;
  }

  @Override
  public void accept(Transition transition) {
    if (!filter.needsLocalPort()) {
      if (filter.accepts(transition)) {
        next.accept(transition);
      }
      return;
    }
    boolean known = transition.localPort() != 0;
    if (!known && transition.newState() == TcpState.SYN_SENT) {
      waiting.put(transition.socketId(), transition);
      return;
    }
    Transition before = waiting.remove(transition.socketId());
    if (filter.accepts(transition)) {
      if (before != null) {
        next.accept(before);
      }
      next.accept(transition);
    }
  }
}
