// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.List;

/**
 * A connection, or an attempt at one, with all that a recording tells of it.
 *
 * @param jvm the JVM whose it is; null if the recording does not tell
 * @param socketId cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}
 * @param transitions in the order in which they happened; may be empty, can't be modified
 * @param summary its whole life, with bytes, times and how it ended; null if it has not ended, or
 *     the recording lacks it
 * @param seen how it was when a chunk began, the last time that it was seen so; null if never
 * @param ended whether it ended; not so if it was open when the recording ended
 * @param openStack all frames of the stack that opened it, the innermost first, as {@code
 *     pkg.Class.method:line}; only the application's own if the recording has no more; empty if it
 *     is not known; can't be modified
 */
public record TcpConnection(
    JvmInfo jvm,
    long socketId,
    List<Transition> transitions,
    ConnectionInfo summary,
    SocketStateInfo seen,
    boolean ended,
    List<String> openStack) {

  public TcpConnection {
    transitions = List.copyOf(transitions);
    openStack = List.copyOf(openStack);
  }

  /** The last that is known: its addresses, ports and opener are those to show. */
  public SocketEvent last() {
    if (summary != null) {
      return summary;
    }
    return lastTransition() == null || seenLast() ? seen : lastTransition();
  }

  /** The state that it was in when it was seen last, by the kernel's name: see {@link TcpState}. */
  public String state() {
    if (ended) {
      return "CLOSE";
    }
    return lastTransition() == null || seenLast() ? seen.state() : lastTransition().newState();
  }

  /** Since when it was in that state, as far as is known. */
  public Instant stateSince() {
    if (summary != null) {
      return summary.endTime();
    }
    return lastTransition() == null || seenLast()
        ? seen.time().minus(seen.timeInState())
        : lastTransition().endTime();
  }

  /** The frames that opened it, the application's own first; null if not known. */
  public String openedBy() {
    return opener().openedBy();
  }

  /** Name of the thread that opened it; null if not known. */
  public String openThread() {
    return opener().openThread();
  }

  /** Key to the {@link OpenSiteInfo}, unique within one JVM; 0 if not known. */
  public long openSiteId() {
    return opener().openSiteId();
  }

  /**
   * Until a connection is accepted, its opener is its listener's: so the last one that is known.
   */
  private SocketEvent opener() {
    if (summary != null && summary.openedBy() != null) {
      return summary;
    }
    for (int i = transitions.size() - 1; i >= 0; i--) {
      if (transitions.get(i).openedBy() != null) {
        return transitions.get(i);
      }
    }
    return last();
  }

  private Transition lastTransition() {
    return transitions.isEmpty() ? null : transitions.get(transitions.size() - 1);
  }

  private boolean seenLast() {
    return seen != null && seen.time().isAfter(lastTransition().endTime());
  }
}
