// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

/** What keeps a command from being done, as one line for the user. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exit;

  /**
   * @param exit one of {@link Exit}
   */
  CommandException(int exit, String message) {
    super(message);
    this.exit = exit;
  }

  int exit() {
    return exit;
  }
}
