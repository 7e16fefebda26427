// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * A connect that failed in its system call. The kernel may show no transition of it, or one without
 * an error.
 *
 * @param socketId the socket's cookie
 * @param errno the error's number; 0 if only the message has it
 * @param message what the exception says: the C library's text of the error; null if there is an
 *     {@code errno}
 * @param high the first eight bytes of the remote address as IPv6, in network order
 * @param low the last eight
 * @param port the remote port
 * @param time when it had failed, in ns of {@code System.nanoTime()}
 */
public record FailedConnect(
    long socketId, int errno, String message, long high, long low, int port, long time) {
  private static final long MAPPED = 0xffffL << Integer.SIZE;

  static FailedConnect of(
      long socketId, InetAddress remote, int port, int errno, String message, long time) {
    ByteBuffer address = ByteBuffer.wrap(remote.getAddress());
    boolean ipv4 = remote instanceof Inet4Address;
    long high = ipv4 ? 0 : address.getLong();
    long low = ipv4 ? MAPPED | Integer.toUnsignedLong(address.getInt()) : address.getLong();
    return new FailedConnect(socketId, errno, message, high, low, port, time);
  }
}
