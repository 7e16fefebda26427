// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.List;

/**
 * The transitions of one socket.
 *
 * <p>An accepted socket has its listener's opener until {@code accept} returns it, and the acceptor
 * from then on. The opener here is that of the last transition that has one.
 *
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param transitions in the order in which they happened; at least one, can't be modified
 */
public record SocketTimeline(long socketId, List<Transition> transitions) {

  /**
   * @throws IllegalArgumentException if there is no transition
   */
  public SocketTimeline {
    transitions = List.copyOf(transitions);
    if (transitions.isEmpty()) {
      throw new IllegalArgumentException("no transition of socket " + socketId);
    }
  }

  /**
   * Whether the socket's whole life is recorded: the first transition leaves CLOSE, or LISTEN for
   * an accepted socket, the last one enters CLOSE, and each transition leaves the state that the
   * previous one entered.
   */
  public boolean complete() {
    TcpState state = transitions.get(0).oldState();
    if (state != TcpState.CLOSE && state != TcpState.LISTEN) {
      return false;
    }
    for (Transition transition : transitions) {
      if (state != transition.oldState()) {
        return false;
      }
      state = transition.newState();
    }
    return state == TcpState.CLOSE;
  }

  /** The state that the last transition entered; null if unknown. */
  public TcpState lastState() {
    return transitions.get(transitions.size() - 1).newState();
  }

  /** The frames that opened the socket, the application's own first; null if unknown. */
  public String openedBy() {
    return opener().openedBy();
  }

  /** Name of the thread that opened the socket; null if unknown. */
  public String openThread() {
    return opener().openThread();
  }

  /** Java's id of the thread that opened the socket; 0 if unknown. */
  public long openThreadId() {
    return opener().openThreadId();
  }

  /** Key to {@link dev.tcpstates.jfr.read.TcpRecording#openSites()}; 0 if unknown. */
  public long openSiteId() {
    return opener().openSiteId();
  }

  private Transition opener() {
    for (int i = transitions.size() - 1; i > 0; i--) {
      if (transitions.get(i).openedBy() != null) {
        return transitions.get(i);
      }
    }
    return transitions.get(0);
  }
}
