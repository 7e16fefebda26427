// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.io.IOException;

/** Ends a command with one line for the user and an exit code. */
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

  public static CommandException cannotWrite(Object file, IOException e) {
    return new CommandException(Exit.FAILED, "can't write " + file + ": " + e);
  }

  public int exit() {
    return exit;
  }
}
