// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * How many of the JVM's sockets were in each state: {@code inSynSent} is the number of sockets in
 * SYN_SENT, and so on. A number is 0 if the recording's version did not have it.
 *
 * @param time when the sockets were counted
 */
public record StateCountInfo(
    Instant time,
    int inEstablished,
    int inSynSent,
    int inSynRecv,
    int inFinWait1,
    int inFinWait2,
    int inTimeWait,
    int inCloseWait,
    int inLastAck,
    int inListen,
    int inClosing) {}
