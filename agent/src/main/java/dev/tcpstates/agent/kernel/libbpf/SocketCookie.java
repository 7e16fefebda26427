// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

/** Questions to the kernel about this process's sockets. Thread-safe. */
public final class SocketCookie {
  private SocketCookie() {}

  /**
   * The cookie of a socket: a number that the kernel gives once and to no other socket (getsockopt
   * {@code SO_COOKIE}, Linux 4.12).
   *
   * @return 0 if the descriptor is not an open socket
   */
  public static long cookie(int fd) {
    long[] value = new long[1];
    int[] length = {Long.BYTES};
    int result =
        NativeLibC.getsockopt(fd, NativeLibC.SOL_SOCKET, NativeLibC.SO_COOKIE, value, length);
    return result == 0 ? value[0] : 0;
  }
}
