// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.util.List;
import java.util.Objects;

/**
 * What became of one socket.
 *
 * <p>An accepted socket's opener is its listener's until the application accepts it, and the
 * acceptor's from then on; so the opener here is the last transition's that has one.
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
   * Whether the socket's whole life is here: it starts at CLOSE, or for an accepted socket at
   * LISTEN, it ends in CLOSE, and each transition leaves the state that the one before entered.
   */
  public boolean complete() {
    String state = transitions.get(0).oldState();
    if (!"CLOSE".equals(state) && !"LISTEN".equals(state)) {
      return false;
    }
    for (Transition transition : transitions) {
      if (!Objects.equals(state, transition.oldState())) {
        return false;
      }
      state = transition.newState();
    }
    return "CLOSE".equals(state);
  }

  /** The state that the last transition entered, by the kernel's name. */
  public String lastState() {
    return transitions.get(transitions.size() - 1).newState();
  }

  /** The frames that opened the socket, the application's own first; null if not known. */
  public String openedBy() {
    return opener().openedBy();
  }

  /** Name of the thread that opened the socket; null if not known. */
  public String openThread() {
    return opener().openThread();
  }

  /** Java's id of the thread that opened the socket; 0 if not known. */
  public long openThreadId() {
    return opener().openThreadId();
  }

  /** Key to {@link TcpRecording#openSites()}; 0 if not known. */
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
