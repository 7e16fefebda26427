// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/** The exit codes of all commands; {@code --help} lists them too. */
public final class Exit {
  /** Done; nothing was found that was looked for. */
  public static final int OK = 0;

  /** What was asked for could not be done, or a check has found something. */
  public static final int FAILED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** Of what was to be read, all or a part can't be. What could be is in the output. */
  public static final int INPUT = 3;

  /** A defect of the command itself. */
  public static final int DEFECT = 4;

  private Exit() {}
}
