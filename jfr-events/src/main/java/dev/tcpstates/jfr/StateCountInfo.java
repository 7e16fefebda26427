// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;

/**
 * How many of the JVM's sockets were in each state. A number is 0 if the recording's version did
 * not have it.
 *
 * @param time when they were counted
 * @param inEstablished sockets in ESTABLISHED
 * @param inSynSent sockets in SYN_SENT
 * @param inSynRecv sockets in SYN_RECV
 * @param inFinWait1 sockets in FIN_WAIT1
 * @param inFinWait2 sockets in FIN_WAIT2
 * @param inTimeWait sockets in TIME_WAIT
 * @param inCloseWait sockets in CLOSE_WAIT
 * @param inLastAck sockets in LAST_ACK
 * @param inListen sockets in LISTEN
 * @param inClosing sockets in CLOSING
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
    int inClosing) {

  static StateCountInfo of(EventFields fields) {
    return new StateCountInfo(
        fields.endTime(),
        fields.integer("inEstablished"),
        fields.integer("inSynSent"),
        fields.integer("inSynRecv"),
        fields.integer("inFinWait1"),
        fields.integer("inFinWait2"),
        fields.integer("inTimeWait"),
        fields.integer("inCloseWait"),
        fields.integer("inLastAck"),
        fields.integer("inListen"),
        fields.integer("inClosing"));
  }
}
