// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

/** Takes the kernel's records, in the kernel's order, one thread at a time. */
public interface RecordSink {
  /** A socket went from one state to another; the view is valid during the call only. */
  void transition(TransitionView transition);

  /**
   * A connection has ended; comes before its last {@link #transition} or {@link #ended}. The view
   * is valid during the call only.
   */
  void connection(ConnectionView connection);

  /** Segments were retransmitted; the view is valid during the call only. */
  default void retransmit(RetransmitView retransmit) {}

  /**
   * A reset was sent or received. One that this side sends of its own accord comes after the
   * socket's last {@link #transition} or {@link #ended}. The view is valid during the call only.
   */
  default void reset(ResetView reset) {}

  /**
   * A socket reached CLOSE while transitions are not recorded.
   *
   * @param oldState the kernel's number of the state that it left
   */
  void ended(long socketId, int oldState);
}
