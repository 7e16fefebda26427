// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.libbpf;

/** The kernel side can't work here; the message says what is missing and what to do about it. */
public class BpfException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * The kernel side can't work.
   *
   * @param message what is missing and what to do about it, with {@code "; "} between the two
   */
  public BpfException(String message) {
    super(message);
  }
}
