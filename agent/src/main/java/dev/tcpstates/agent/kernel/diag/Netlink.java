// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import java.nio.ByteBuffer;

/** A netlink socket to the kernel's socket diagnostics. Tests have a fake. Not thread-safe. */
interface Netlink extends AutoCloseable {
  /**
   * Sends one request, all bytes of the buffer.
   *
   * @throws DiagException if the kernel refuses the socket or the request
   */
  void send(ByteBuffer request) throws DiagException;

  /**
   * Receives one datagram from the start of the buffer.
   *
   * @return its whole length in bytes, also if that is more than fits into the buffer
   * @throws DiagException if there is none within a second, or the socket is gone
   */
  int receive(ByteBuffer into) throws DiagException;

  /** Gives the socket up, with all that waits in it; the next {@link #send} opens another. */
  void reset();

  @Override
  void close();
}
