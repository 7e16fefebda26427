// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.util.List;

/**
 * A socket that is open at the end of a recording. A value is null if the recording does not have
 * it.
 *
 * @param pid process id of its JVM
 * @param cause why it is stuck; null if it is not
 * @param timeInState how long it has been in its state
 * @param atLeast whether it may have been so for longer, because it is older than the agent
 * @param receiveQueue bytes received and not read; of a listener, how many connections wait
 * @param sendQueue bytes written and not acknowledged; of a listener, how many may wait
 * @param lastSent time since payload was last sent or retransmitted
 * @param lastReceived time since payload was last received
 * @param stack all frames of the opener, the innermost first
 * @param waitingThread name of the thread that waits for it in a system call
 * @param waitingCall that system call
 * @param waitingSockets how many sockets the call is for; 0 without a thread
 * @param waitingStack the frames of that thread, the innermost first; empty if they are unknown
 */
record OpenSocketInfo(
    Long pid,
    long socketId,
    SocketKind kind,
    TcpState state,
    StuckCause cause,
    Duration timeInState,
    boolean atLeast,
    Long receiveQueue,
    Long sendQueue,
    Duration lastSent,
    Duration lastReceived,
    int retransmits,
    String localAddress,
    int localPort,
    String address,
    int port,
    String openThread,
    String openedBy,
    List<String> stack,
    String waitingThread,
    String waitingCall,
    int waitingSockets,
    List<String> waitingStack) {
  boolean isListener() {
    return state == TcpState.LISTEN;
  }
}
