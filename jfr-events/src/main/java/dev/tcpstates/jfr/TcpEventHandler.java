// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/**
 * Receives the events of a recording, one after the other; a method that is not overridden ignores
 * its type. All are called by one thread at a time. What one of them throws ends the reading and
 * reaches the reader's caller.
 *
 * <p>The order is that of time within a chunk of a recording, except that {@link #chunk}, {@link
 * #jvm} and {@link #openSite} come first, so that a site is known before it is looked up. One
 * socket's transitions are in order across chunks, too; other records may be older by some
 * microseconds than the last one of the chunk before.
 */
public interface TcpEventHandler {
  /** A new chunk begins. Not called for a stream of a running JVM. */
  default void chunk(ChunkInfo chunk) {}

  /** The JVM of the events that follow; once per chunk, unless the recording excludes the event. */
  default void jvm(JvmInfo jvm) {}

  default void openSite(OpenSiteInfo site) {}

  default void transition(Transition transition) {}

  default void connection(ConnectionInfo connection) {}

  default void socketOpen(SocketOpenInfo open) {}

  default void socketState(SocketStateInfo state) {}

  default void retransmit(RetransmitInfo retransmit) {}

  default void reset(ResetInfo reset) {}

  default void throughput(ThroughputInfo throughput) {}

  default void stateCount(StateCountInfo count) {}

  default void stuckSocket(StuckSocketInfo socket) {}

  default void listenQueue(ListenQueueInfo queue) {}

  default void loss(Loss loss) {}

  default void dataLoss(DataLoss loss) {}

  default void agentState(AgentInfo state) {}

  /**
   * All events up to now have been handed over: after each chunk of a recording, except for
   * transitions of its last millisecond, which come with the next; about each second of a stream.
   */
  default void flushed() {}
}
