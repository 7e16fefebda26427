// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RetransmitView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.event.Connection;

/**
 * Is shown what the records mean, whether or not a recording has the events enabled. Called by one
 * thread at a time.
 */
public interface RecordObserver {
  /** A socket went from one state to another; the view is valid during the call only. */
  void transition(TransitionView transition);

  /** A connection has ended; the view is valid during the call only. */
  void ended(ConnectionView connection);

  /**
   * A connection has ended, or a connect has failed. May be called later than {@link #ended}.
   *
   * @param event with all its fields; not to be changed, committed or kept
   * @param nanos time from its first transition to its end, since the adoption if it is older
   */
  void connection(Connection event, long nanos);

  /** Segments were retransmitted; the view is valid during the call only. */
  void retransmit(RetransmitView retransmit);

  /** A reset was sent, or received. */
  void reset(boolean sent);
}
