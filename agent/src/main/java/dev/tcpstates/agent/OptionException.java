// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

/** The user gave options that can't be followed; the message is the one line they need. */
final class OptionException extends Exception {
  private static final long serialVersionUID = 1L;

  OptionException(String message) {
    super(message);
  }
}
