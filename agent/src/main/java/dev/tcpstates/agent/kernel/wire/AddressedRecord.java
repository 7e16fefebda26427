// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

/** The addresses and ports of the socket that a record is about. */
public interface AddressedRecord {
  /** 0 if the kernel has not chosen one yet. */
  int localPort();

  /** 0 if there is no peer. */
  int remotePort();

  /** The first (0) or last (1) eight bytes of the local address as IPv6, in network order. */
  long localAddress(int half);

  /** The same of the remote address. */
  long remoteAddress(int half);
}
