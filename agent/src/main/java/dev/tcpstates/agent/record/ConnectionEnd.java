// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.Connection;

/** How a connection ended: from the state that it left for CLOSE, and the socket's error. */
final class ConnectionEnd {
  private ConnectionEnd() {}

  /**
   * The end in a word.
   *
   * @param oldState the kernel's number of the state that it left
   * @param error the socket's errno, 0 for none
   * @param aborted whether this side gave it up while the FINs were on their way
   */
  static String of(int oldState, int error, boolean aborted) {
    return switch (error == 0 ? "" : Errno.name(error)) {
      case "" -> aborted ? "RESET_BY_LOCAL" : withoutError(oldState);
      case "ECONNREFUSED" -> "REFUSED";
      case "ETIMEDOUT" -> "TIMEOUT";
      // In CLOSE_WAIT, tcp_reset() says EPIPE.
      case "ECONNRESET", "EPIPE" -> "RESET_BY_REMOTE";
      case "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN" -> "UNREACHABLE";
      case "EADDRNOTAVAIL", "EADDRINUSE" -> "NO_LOCAL_PORT";
      case "EACCES", "EPERM" -> "DENIED";
      default -> "ERROR";
    };
  }

  /** Sets the end and the reason of a connect that failed with an error, an errno. */
  static void set(Connection event, int errno) {
    event.end = of(TcpState.SYN_SENT.kernelValue(), errno, false);
    event.reason = Errno.name(errno);
  }

  private static String withoutError(int oldState) {
    return switch (TcpState.nameOf(oldState)) {
      // What follows goes on in a TIME_WAIT stand-in, or is over.
      case "FIN_WAIT2", "CLOSING", "LAST_ACK", "TIME_WAIT" -> "FIN";
      case "SYN_SENT" -> "ABANDONED";
      // Closed with unread data, with SO_LINGER 0, or with its listener: a reset goes out.
      default -> "RESET_BY_LOCAL";
    };
  }
}
