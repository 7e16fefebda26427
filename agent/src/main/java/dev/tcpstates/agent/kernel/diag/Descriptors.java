// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The sockets that this process's descriptors refer to. Each possible descriptor is tried: that is
 * one short system call, where a listing of {@code /proc/self/fd} costs several, and gives the
 * cookie at once.
 */
public class Descriptors {
  private static final String STATUS = "/proc/self/status";
  private static final String SIZE = "FDSize:";

  /** Without /proc. */
  private static final int GUESSED_SIZE = 1 << 16;

  private static final int IPPROTO_TCP = 6;

  /** Takes a descriptor and the cookie of its socket. */
  public interface Visitor {
    void socket(int fd, long cookie);
  }

  /** Goes through all descriptors that are sockets, of any protocol. */
  public void forEach(Visitor visitor) {
    long[] cookie = new long[1];
    int[] length = new int[1];
    int size = size();
    for (int fd = 0; fd < size; fd++) {
      length[0] = Long.BYTES;
      int result =
          NativeDiag.getsockopt(fd, NativeDiag.SOL_SOCKET, NativeDiag.SO_COOKIE, cookie, length);
      if (result == 0) {
        visitor.socket(fd, cookie[0]);
      }
    }
  }

  /** Whether a descriptor is a TCP socket over IP. */
  public boolean isTcp(int fd) {
    int family = option(fd, NativeDiag.SO_DOMAIN);
    return (family == DiagSocket.AF_INET || family == DiagSocket.AF_INET6)
        && option(fd, NativeDiag.SO_PROTOCOL) == IPPROTO_TCP;
  }

  private static int option(int fd, int option) {
    int[] value = new int[1];
    int[] length = {Integer.BYTES};
    return NativeDiag.getsockopt(fd, NativeDiag.SOL_SOCKET, option, value, length) == 0
        ? value[0]
        : -1;
  }

  /** The effective user of this process, which its sockets bear. */
  public int user() {
    return NativeDiag.geteuid();
  }

  /** How many descriptors the kernel has room for in this process's table now. */
  private static int size() {
    // Not through a channel: that loads the JDK's network library before the application does.
    try (BufferedReader in = new BufferedReader(new FileReader(STATUS, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith(SIZE)) {
          return Integer.parseInt(line.substring(SIZE.length()).strip());
        }
      }
    } catch (IOException | NumberFormatException e) {
      // No /proc: a guess.
    }
    return GUESSED_SIZE;
  }
}
