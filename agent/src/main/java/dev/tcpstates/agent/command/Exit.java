// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.command;

/** The exit codes of all commands; {@code --help} tells them too. */
final class Exit {
  /** Done; nothing was found that was looked for. */
  static final int OK = 0;

  /** What was asked for could not be done, or a check has found something. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** Of what was to be read, all or a part can't be. What could be is in the output. */
  static final int INPUT = 3;

  /** A defect of the command itself. */
  static final int DEFECT = 4;

  private Exit() {}
}
