// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/** What keeps a command from being done, as one line for the user. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exit;

  /**
   * @param exit one of {@link Exit}
   */
  public CommandException(int exit, String message) {
    super(message);
    this.exit = exit;
  }

  public int exit() {
    return exit;
  }
}
