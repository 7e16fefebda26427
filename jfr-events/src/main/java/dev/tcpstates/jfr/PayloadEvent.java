// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Duration;
import java.time.Instant;

/** What the kernel knows of a socket's payload at one time. */
public interface PayloadEvent extends SocketEvent {
  /** When the agent looked at the socket. */
  Instant time();

  /** Payload in bytes that was written and is not acknowledged. */
  long sendQueue();

  /** Payload in bytes that was received and is not read. */
  long receiveQueue();

  /** Time since payload was last sent or retransmitted; null if none ever was. */
  Duration lastSent();

  /** Time since payload was last received; null if none ever was. */
  Duration lastReceived();
}
