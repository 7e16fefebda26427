// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/**
 * Receives the events of a recording, one after the other. A method that is not overridden ignores
 * its type. The methods are called by one thread at a time. An exception ends the reading and
 * reaches the reader's caller.
 *
 * <p>Within a chunk, the order is that of time, except that {@link #chunk}, {@link #jvm} and {@link
 * #openSite} come first, so that a call site is known before an event refers to it. The transitions
 * of one socket are also in order across chunks. Other events may be some microseconds older than
 * the last event of the previous chunk.
 */
public interface TcpEventHandler {
  /** A new chunk starts. Not called for a stream of a running JVM. */
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

  default void socketWait(SocketWaitInfo wait) {}

  default void threadDump(ThreadDump dump) {}

  default void loss(Loss loss) {}

  default void dataLoss(DataLoss loss) {}

  default void agentState(AgentInfo state) {}

  /**
   * All events up to now have been delivered. Called after each chunk of a recording, whose
   * transitions of the last millisecond may come with the next chunk, and about each second for a
   * stream.
   */
  default void flushed() {}
}
