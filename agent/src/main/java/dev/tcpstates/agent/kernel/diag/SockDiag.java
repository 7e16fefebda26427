// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import dev.tcpstates.agent.kernel.libbpf.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Asks the kernel about TCP sockets through {@code NETLINK_SOCK_DIAG}, as {@code ss} does. That
 * needs no privilege. The kernel answers for the network namespace that the process was in when the
 * netlink socket was opened. Not thread-safe.
 */
public final class SockDiag implements AutoCloseable {
  /** An attribute: {@code struct tcp_info}. */
  public static final int INFO = 1 << DiagSocket.ATTRIBUTE_INFO - 1;

  /** An attribute: memory and drops. */
  public static final int MEMORY = 1 << DiagSocket.ATTRIBUTE_MEMORY - 1;

  static final int HEADER = 16; // struct nlmsghdr
  static final int REQUEST = HEADER + 8 + DiagSocket.ID_BYTES; // struct inet_diag_req_v2

  private static final int[] FAMILIES = {DiagSocket.AF_INET, DiagSocket.AF_INET6};
  private static final int IPPROTO_TCP = 6;
  private static final int SOCK_DIAG_BY_FAMILY = 20;
  private static final int NLM_F_REQUEST = 1;
  private static final int NLM_F_DUMP_INTR = 0x10;
  private static final int NLM_F_DUMP = 0x300;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;

  private static final int ENOENT = 2;
  private static final int ESTALE = 116;

  /** The kernel makes its answers as long as the buffer it saw last, 32 KB at most. */
  private static final int BUFFER = 1 << 16;

  private static final int LARGEST_BUFFER = 1 << 24;

  /** Of a dump that the kernel found inconsistent. */
  private static final int ATTEMPTS = 3;

  private final Netlink netlink;
  private final ByteBuffer request =
      ByteBuffer.allocateDirect(REQUEST).order(ByteOrder.nativeOrder());
  private ByteBuffer answer;
  private DiagSocket view;
  private int sequence;

  public SockDiag(Netlink netlink) {
    this.netlink = netlink;
    allocate(BUFFER);
  }

  private void allocate(int bytes) {
    answer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    view = new DiagSocket(answer);
  }

  /**
   * Opens the netlink socket and tries whether the kernel answers.
   *
   * @throws DiagException if it doesn't; the message says why, for a person
   */
  public static SockDiag open() throws DiagException {
    SockDiag diag = new SockDiag(new JnaNetlink());
    try {
      diag.dump(1 << 10, 0, socket -> {}); // listeners only: few
      return diag;
    } catch (DiagException e) {
      diag.close();
      throw e;
    }
  }

  /**
   * Hands over all TCP sockets of the network namespace that are in certain states, IPv4 and IPv6.
   * A socket that changes meanwhile can come twice or not at all.
   *
   * @param states a bit for each, by the kernel's number of the state; half-open connections come
   *     with those in SYN_RECV, and closed sockets that wait for a FIN with those in FIN_WAIT2
   * @param attributes a sum of {@link #INFO} and {@link #MEMORY}
   * @throws DiagException if the kernel refuses
   */
  public void dump(int states, int attributes, Consumer<DiagSocket> sockets) throws DiagException {
    for (int family : FAMILIES) {
      boolean consistent = false;
      for (int i = 0; i < ATTEMPTS && !consistent; i++) {
        try {
          consistent = dumpFamily(family, states, attributes, sockets);
        } catch (DiagException e) {
          netlink.reset();
          if (family == DiagSocket.AF_INET6 && e.errno() == ENOENT) {
            return; // a kernel without IPv6
          }
          throw e;
        }
      }
    }
  }

  private boolean dumpFamily(int family, int states, int attributes, Consumer<DiagSocket> sockets)
      throws DiagException {
    prepare(family, states, attributes, NLM_F_REQUEST | NLM_F_DUMP);
    netlink.send(request);
    boolean consistent = true;
    while (true) {
      int length = netlink.receive(answer);
      if (length > answer.capacity()) {
        // Part of the answer is gone: ask once more, with room for it.
        netlink.reset();
        grow(length);
        return false;
      }
      for (int at = 0; at + HEADER <= length; ) {
        int size = answer.getInt(at);
        if (size < HEADER || at + size > length) {
          throw new DiagException("NETLINK_SOCK_DIAG's answer is damaged");
        }
        if (answer.getInt(at + 8) == sequence) {
          int type = Short.toUnsignedInt(answer.getShort(at + 4));
          consistent &= (answer.getShort(at + 6) & NLM_F_DUMP_INTR) == 0;
          if (type == NLMSG_DONE) {
            checkDone(at, size);
            return consistent;
          }
          if (type == NLMSG_ERROR) {
            throw refused(at, size);
          }
          if (type == SOCK_DIAG_BY_FAMILY && view.moveTo(at + HEADER, size - HEADER)) {
            sockets.accept(view);
          }
        }
        at += size + 3 & ~3;
      }
    }
  }

  /** The kernel ends a dump with 0 or, later ones, with the error that cut it short. */
  private void checkDone(int at, int size) throws DiagException {
    int result = size >= HEADER + Integer.BYTES ? answer.getInt(at + HEADER) : 0;
    if (result < 0) {
      throw new DiagException("listing sockets by NETLINK_SOCK_DIAG", -result);
    }
  }

  private DiagException refused(int at, int size) {
    int error = size >= HEADER + Integer.BYTES ? -answer.getInt(at + HEADER) : 0;
    return new DiagException("listing sockets by NETLINK_SOCK_DIAG", error);
  }

  private void grow(int length) throws DiagException {
    if (length > LARGEST_BUFFER) {
      throw new DiagException("NETLINK_SOCK_DIAG's answer is too long: " + length + " bytes");
    }
    allocate(Integer.highestOneBit(length - 1) << 1);
  }

  /**
   * Looks up one socket.
   *
   * @param family AF_INET or AF_INET6
   * @param id its {@code struct inet_diag_sockid}, cookie included
   * @return the socket or what is left of it, until the next call; {@code null} if it is not in the
   *     kernel's tables
   * @throws DiagException if the kernel refuses
   */
  public DiagSocket find(int family, byte[] id) throws DiagException {
    prepare(family, -1, INFO, NLM_F_REQUEST);
    request.put(HEADER + 8, id);
    netlink.send(request);
    try {
      while (true) {
        int length = netlink.receive(answer);
        int size = length < HEADER ? 0 : answer.getInt(0);
        if (size < HEADER || size > length || length > answer.capacity()) {
          throw new DiagException("NETLINK_SOCK_DIAG's answer is damaged");
        }
        if (answer.getInt(8) != sequence) {
          continue;
        }
        if (Short.toUnsignedInt(answer.getShort(4)) == NLMSG_ERROR) {
          DiagException e = refused(0, size);
          if (e.errno() == ENOENT || e.errno() == ESTALE) {
            return null;
          }
          throw e;
        }
        return view.moveTo(HEADER, size - HEADER) ? view : null;
      }
    } catch (DiagException e) {
      netlink.reset();
      throw e;
    }
  }

  private void prepare(int family, int states, int attributes, int flags) {
    sequence++;
    request.putInt(0, REQUEST);
    request.putShort(4, (short) SOCK_DIAG_BY_FAMILY);
    request.putShort(6, (short) flags);
    request.putInt(8, sequence);
    request.putInt(12, 0);
    request.put(HEADER, (byte) family);
    request.put(HEADER + 1, (byte) IPPROTO_TCP);
    request.put(HEADER + 2, (byte) attributes);
    request.put(HEADER + 3, (byte) 0);
    request.putInt(HEADER + 4, states);
    for (int i = 0; i < DiagSocket.ID_BYTES; i += Long.BYTES) {
      request.putLong(HEADER + 8 + i, 0);
    }
  }

  /** Why the kernel refused, and what to do about it, for a person. */
  public static String explain(DiagException e) {
    return switch (e.errno() == 0 ? "" : Errno.name(e.errno())) {
      case "EPERM", "EACCES", "EAFNOSUPPORT" ->
          e.getMessage()
              + "; a seccomp profile or a security module forbids it (systemd: add AF_NETLINK to"
              + " RestrictAddressFamilies=)";
      case "ENOENT" -> e.getMessage() + "; load the kernel's module tcp_diag";
      default -> e.getMessage();
    };
  }

  @Override
  public void close() {
    netlink.close();
  }
}
