// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import dev.tcpstates.agent.kernel.libbpf.Errno;

/** The kernel refused a request about sockets, or its answer can't be used. */
public final class DiagException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * A system call or a request failed.
   *
   * @param call what was tried
   * @param errno the kernel's error number, positive
   */
  DiagException(String call, int errno) {
    super(call + ": " + Errno.name(errno));
    this.errno = errno;
  }

  /** The answer is not what this side understands. */
  DiagException(String problem) {
    super(problem);
    this.errno = 0;
  }

  /** The kernel's error number; 0 if the kernel gave an answer that can't be used. */
  public int errno() {
    return errno;
  }
}
