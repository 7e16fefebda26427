// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** The kernel's TCP states, with the kernel's names and numbers. */
public enum TcpState {
  ESTABLISHED(1),
  SYN_SENT(2),
  SYN_RECV(3),
  FIN_WAIT1(4),
  FIN_WAIT2(5),
  TIME_WAIT(6),
  CLOSE(7),
  CLOSE_WAIT(8),
  LAST_ACK(9),
  LISTEN(10),
  /** Both sides closed at the same time. */
  CLOSING(11),
  /** A half-open connection: the kernel has a request sock and no socket yet. */
  NEW_SYN_RECV(12),
  /** Closed but bound to a port; used by the kernel's socket listing only. */
  BOUND_INACTIVE(13);

  private static final TcpState[] VALUES = values();

  private final int kernelValue;

  TcpState(int kernelValue) {
    this.kernelValue = kernelValue;
  }

  /** The kernel's number of this state, from 1. */
  public int kernelValue() {
    return kernelValue;
  }

  /**
   * The name of a state by the kernel's number.
   *
   * @return such as {@code SYN_SENT}, or {@code UNKNOWN_n} for a number n that is not known here
   */
  public static String nameOf(int kernelValue) {
    return kernelValue >= 1 && kernelValue <= VALUES.length
        ? VALUES[kernelValue - 1].name()
        : "UNKNOWN_" + kernelValue;
  }
}
