// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An IPv4 socket by the C library, which can be connected again after its connection has ended. */
final class RawSocket implements AutoCloseable {
  private static final short AF_UNSPEC = 0;
  private static final short AF_INET = 2;
  private static final int SOCK_STREAM = 1;
  private static final int SHUT_WR = 1;
  private static final int IPPROTO_TCP = 6;
  private static final byte[] LOOPBACK = {127, 0, 0, 1};
  private static final int ADDRESS_BYTES = 16;
  private static final int IPV6_ADDRESS_BYTES = 28;
  private static final short AF_INET6 = 10;

  static {
    Native.register(RawSocket.class, "c");
  }

  private final int fd;

  private RawSocket(int fd) {
    this.fd = fd;
  }

  /** A TCP socket. */
  static RawSocket tcp() {
    return of(IPPROTO_TCP);
  }

  static RawSocket of(int protocol) {
    int fd = socket(AF_INET, SOCK_STREAM, protocol);
    assertTrue(fd >= 0);
    return new RawSocket(fd);
  }

  /** A socket that another owner opened, and closes. */
  static RawSocket at(int fd) {
    return new RawSocket(fd);
  }

  private static native int socket(int domain, int type, int protocol);

  private static native int connect(int fd, byte[] address, int length) throws LastErrorException;

  private static native int shutdown(int fd, int how);

  private static native long read(int fd, byte[] buffer, long count);

  private static native int close(int fd);

  int fd() {
    return fd;
  }

  /** Returns the errno, 0 for none. */
  int connect(int port) {
    try {
      return connect(fd, address(AF_INET, port), ADDRESS_BYTES);
    } catch (LastErrorException e) {
      return e.getErrorCode();
    }
  }

  /** The same for a socket of Java's, whose addresses are IPv6. */
  int connectIpv6(int port) {
    ByteBuffer address = ByteBuffer.allocate(IPV6_ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    address.putShort(0, AF_INET6);
    address.order(ByteOrder.BIG_ENDIAN).putShort(2, (short) port);
    address.putShort(18, (short) 0xffff).put(20, LOOPBACK);
    try {
      return connect(fd, address.array(), IPV6_ADDRESS_BYTES);
    } catch (LastErrorException e) {
      return e.getErrorCode();
    }
  }

  /** Ends the connection at once; the socket stays. */
  void disconnect() {
    assertEquals(0, connect(fd, address(AF_UNSPEC, 0), ADDRESS_BYTES));
  }

  private static byte[] address(short family, int port) {
    ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    address.putShort(0, family);
    address.order(ByteOrder.BIG_ENDIAN).putShort(2, (short) port).put(4, LOOPBACK);
    return address.array();
  }

  void shutdownOutput() {
    assertEquals(0, shutdown(fd, SHUT_WR));
  }

  /** Waits for the other side's end. */
  void awaitEnd() {
    assertEquals(0, read(fd, new byte[1], 1));
  }

  @Override
  public void close() {
    close(fd);
  }
}
