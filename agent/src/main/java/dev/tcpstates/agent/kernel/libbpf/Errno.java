// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

/**
 * Linux error numbers by name, from {@code asm-generic/errno-base.h} and {@code
 * asm-generic/errno.h}. They are the same on every platform that the agent runs on.
 */
public final class Errno {
  public static final int EPERM = 1;
  static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOSPC = 28;
  public static final int ENOSYS = 38;
  public static final int EADDRNOTAVAIL = 99;

  /** No part of the interface to programs, but bpf(2) returns it all the same. */
  private static final int ENOTSUPP = 524;

  private static final int LIBBPF_START = 4000;

  /** Each place is an error number; {@code -} is a number without a name. */
  private static final String[] NAMES =
      """
      - EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF
      ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV
      ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE
      EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY
      ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH
      ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT
      ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT
      ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC
      ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ
      EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT
      EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL
      ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET
      ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS
      ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
      EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL
      EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
      ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED
      EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON
      """
          .split("\\s+");

  /** libbpf's own error numbers, from {@code libbpf.h}. */
  private static final String[] LIBBPF_NAMES =
      """
      LIBELF FORMAT KVERSION ENDIAN INTERNAL RELOC LOAD VERIFY PROG2BIG KVER PROGTYPE WRNGPID \
      INVSEQ NLPARSE\
      """
          .split(" ");

  private Errno() {}

  /** Whether the kernel refused because of who asked, and not because of what. */
  public static boolean isPermission(LibBpf.CallFailed e) {
    return e.errno == EPERM || e.errno == EACCES && e.log.isEmpty();
  }

  /** Whether an error is about the state of the process or the machine, and not about the call. */
  static boolean isShortage(int errno) {
    return switch (errno) {
      case EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC -> true;
      default -> false;
    };
  }

  /**
   * Returns the name of an error, such as {@code ECONNREFUSED}.
   *
   * @param errno a positive error number
   * @return the name; {@code errno_N} for a number that neither Linux nor libbpf names
   */
  public static String name(int errno) {
    if (errno > 0 && errno < NAMES.length && !NAMES[errno].equals("-")) {
      return NAMES[errno];
    }
    if (errno == ENOTSUPP) {
      return "ENOTSUPP";
    }
    int libbpf = errno - LIBBPF_START;
    return libbpf >= 0 && libbpf < LIBBPF_NAMES.length
        ? "LIBBPF_ERRNO__" + LIBBPF_NAMES[libbpf]
        : "errno_" + errno;
  }
}
