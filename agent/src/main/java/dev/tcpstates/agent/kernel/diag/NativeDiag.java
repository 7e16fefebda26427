// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The functions of the C library that are used for netlink, and their constants on Linux. */
final class NativeDiag {
  static final int AF_NETLINK = 16;
  static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  static final int NETLINK_SOCK_DIAG = 4;
  static final int SOL_SOCKET = 1;
  static final int SO_RCVTIMEO = 20;
  static final int SO_PROTOCOL = 38;
  static final int SO_DOMAIN = 39;
  static final int SO_COOKIE = 57;
  static final int MSG_TRUNC = 0x20;

  static {
    // The C library that this process has already, whatever its name.
    Native.register(NativeDiag.class, NativeLibrary.getProcess());
  }

  private NativeDiag() {}

  static native int socket(int domain, int type, int protocol);

  static native long send(int fd, Pointer from, long length, int flags);

  static native long recv(int fd, Pointer to, long length, int flags);

  static native int setsockopt(int fd, int level, int option, long[] value, int length);

  static native int getsockopt(int fd, int level, int option, long[] value, int[] length);

  static native int getsockopt(int fd, int level, int option, int[] value, int[] length);

  static native int geteuid();

  static native int close(int fd);
}
