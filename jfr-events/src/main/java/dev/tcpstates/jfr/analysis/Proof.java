// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

/** What a sampled recording can prove of a rule. */
enum Proof {
  /**
   * Nothing: the rule relies on transitions, on how connections ended, on short times, or on the
   * state of each socket at the end, which a poll may miss or come too late for.
   */
  NONE,

  /**
   * An upper bound of this side's connections. The hooks in the JDK and in Netty report each socket
   * that Java code opens to connect, in this mode too; at most one connection comes of each.
   */
  UPPER_BOUND,

  /**
   * A lower bound of the connections: those that a poll found, and those that {@code accept}
   * returned. A socket that was opened to connect need not have connected.
   */
  LOWER_BOUND,

  /**
   * That no socket was left stuck: a socket that stays in a state for long is found by a poll, and
   * the agent reports it in a {@code StuckSocket} event when a chunk ends.
   */
  STUCK
}
