// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

/** Linux error numbers by name, from {@code asm-generic/errno.h}; the same on every platform. */
public final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EINVAL = 22;

  private Errno() {}

  /** Whether the kernel refused because of who asked, and not because of what. */
  static boolean isPermission(LibBpf.CallFailed e) {
    return e.errno == EPERM || e.errno == EACCES && e.log.isEmpty();
  }

  /**
   * The name of an error, such as {@code ECONNREFUSED}.
   *
   * @param errno a positive error number
   * @return {@code errno_N} for one that no TCP socket is known to end with
   */
  public static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case 5 -> "EIO";
      case 7 -> "E2BIG";
      case EAGAIN -> "EAGAIN";
      case 12 -> "ENOMEM";
      case EACCES -> "EACCES";
      case EINVAL -> "EINVAL";
      case 24 -> "EMFILE";
      case 32 -> "EPIPE";
      case 71 -> "EPROTO";
      case 88 -> "ENOTSOCK";
      case 90 -> "EMSGSIZE";
      case 92 -> "ENOPROTOOPT";
      case 95 -> "EOPNOTSUPP";
      case 98 -> "EADDRINUSE";
      case 99 -> "EADDRNOTAVAIL";
      case 100 -> "ENETDOWN";
      case 101 -> "ENETUNREACH";
      case 102 -> "ENETRESET";
      case 103 -> "ECONNABORTED";
      case 104 -> "ECONNRESET";
      case 105 -> "ENOBUFS";
      case 107 -> "ENOTCONN";
      case 110 -> "ETIMEDOUT";
      case 111 -> "ECONNREFUSED";
      case 112 -> "EHOSTDOWN";
      case 113 -> "EHOSTUNREACH";
      default -> "errno_" + errno;
    };
  }
}
