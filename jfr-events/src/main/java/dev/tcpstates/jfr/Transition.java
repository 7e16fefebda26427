// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/**
 * One transition of a TCP socket. For the components that all socket events have, and for unknown
 * values, see {@link SocketEvent}. The times are never null.
 *
 * @param startTime when the socket entered the old state, up to two nanoseconds late
 * @param endTime when the transition happened
 * @param oldState the state that the socket left
 * @param newState the state that the socket entered
 * @param timeInState how long the socket was in the old state, exact to the nanosecond
 * @param uncertainty how much earlier than {@code endTime} the transition may have happened; zero
 *     if {@code endTime} is exact
 * @param reason at the transition to CLOSE, the error that ended the connection, by its errno name
 *     such as {@code ECONNREFUSED}; null if there was none
 * @param taskId process id of the task that was on the CPU, often not the socket's owner; 0 if it
 *     is of another PID namespace than the JVM
 * @param taskName the kernel's name of that task, at most 15 bytes; {@code other process} if it is
 *     of another PID namespace
 * @param listenerId cookie of the listener that the socket was accepted from, 0 if there is none
 */
public record Transition(
    long socketId,
    Instant startTime,
    Instant endTime,
    String localAddress,
    int localPort,
    String address,
    int port,
    TcpState oldState,
    TcpState newState,
    Duration timeInState,
    Duration uncertainty,
    String reason,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId,
    int taskId,
    String taskName,
    long listenerId)
    implements SocketEvent {}
