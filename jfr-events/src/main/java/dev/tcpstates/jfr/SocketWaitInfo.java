// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * A thread that waited for a socket in a system call. A {@link ThreadDump} of the same recording
 * may have its stack. For the components that all socket events have, see {@link SocketEvent}.
 *
 * @param time when the thread was looked at
 * @param osThreadId the kernel's id of the thread, which a thread dump shows as {@code nid}
 * @param systemCall the system call, such as {@code poll}
 * @param sockets how many TCP sockets of the JVM the call waited for; many for an event loop
 */
public record SocketWaitInfo(
    long socketId,
    Instant time,
    long osThreadId,
    String systemCall,
    int sockets,
    String localAddress,
    int localPort,
    String address,
    int port,
    String openedBy,
    String openThread,
    long openThreadId,
    long openSiteId)
    implements SocketEvent {}
