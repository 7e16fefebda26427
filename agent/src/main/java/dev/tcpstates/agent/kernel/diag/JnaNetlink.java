// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import com.sun.jna.Native;
import java.nio.ByteBuffer;

/**
 * The real socket. It is kept open between requests, for a process that leaks sockets may have no
 * descriptor left when its sockets are of most interest. The application may close descriptors that
 * are not its own, and the kernel gives the number to another file then; so the socket's cookie is
 * compared before each request.
 */
final class JnaNetlink implements Netlink {
  /** Answers are made while they are read, so there is nothing to wait for. */
  private static final long[] ONE_SECOND = {1, 0}; // struct timeval

  private static final int TIMEVAL_BYTES = 2 * Long.BYTES;

  private int fd = -1;
  private long cookie;

  @Override
  public void send(ByteBuffer request) throws DiagException {
    if (fd < 0 || cookie(fd) != cookie) {
      open();
    }
    long sent = NativeDiag.send(fd, Native.getDirectBufferPointer(request), request.capacity(), 0);
    if (sent != request.capacity()) {
      throw new DiagException("sending a request to NETLINK_SOCK_DIAG", Native.getLastError());
    }
  }

  private void open() throws DiagException {
    fd =
        NativeDiag.socket(
            NativeDiag.AF_NETLINK, NativeDiag.SOCK_RAW_CLOEXEC, NativeDiag.NETLINK_SOCK_DIAG);
    if (fd < 0) {
      throw new DiagException("opening a NETLINK_SOCK_DIAG socket", Native.getLastError());
    }
    cookie = cookie(fd);
    if (cookie == 0) {
      reset();
      throw new DiagException("this kernel has no SO_COOKIE, which is in Linux 4.12 and later");
    }
    NativeDiag.setsockopt(
        fd, NativeDiag.SOL_SOCKET, NativeDiag.SO_RCVTIMEO, ONE_SECOND, TIMEVAL_BYTES);
  }

  @Override
  public int receive(ByteBuffer into) throws DiagException {
    long length =
        NativeDiag.recv(
            fd, Native.getDirectBufferPointer(into), into.capacity(), NativeDiag.MSG_TRUNC);
    if (length <= 0) {
      throw new DiagException("reading NETLINK_SOCK_DIAG's answer", Native.getLastError());
    }
    return (int) length;
  }

  @Override
  public void reset() {
    if (fd >= 0 && (cookie == 0 || cookie(fd) == cookie)) {
      NativeDiag.close(fd);
    }
    fd = -1;
  }

  /** The descriptor in use, or -1. */
  int descriptor() {
    return fd;
  }

  @Override
  public void close() {
    reset();
  }

  static long cookie(int fd) {
    long[] value = new long[1];
    int[] length = {Long.BYTES};
    int result =
        NativeDiag.getsockopt(fd, NativeDiag.SOL_SOCKET, NativeDiag.SO_COOKIE, value, length);
    return result == 0 ? value[0] : 0;
  }
}
