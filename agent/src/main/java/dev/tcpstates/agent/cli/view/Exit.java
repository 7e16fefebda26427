// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

/** The exit codes of all commands; {@code --help} lists them too. */
public final class Exit {
  /** Done, and a check found nothing. */
  public static final int OK = 0;

  /** The command failed, or a check found something. */
  public static final int FAILED = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** A recording can't be read, or only a part of it. The output has what could be read. */
  public static final int INPUT = 3;

  /** A defect in this program. */
  public static final int DEFECT = 4;

  /** What the help says of each, for picocli. */
  public static final String OK_HELP = OK + ":done";

  public static final String FAILED_HELP =
      FAILED + ":the command failed, or a check found something";
  public static final String USAGE_HELP = USAGE + ":the command line is wrong";
  public static final String INPUT_HELP =
      INPUT
          + ":a recording can't be read, or only a part of it; summary and report: or it has no"
          + " event of the agent";
  public static final String DEFECT_HELP = DEFECT + ":a defect in this program";

  private Exit() {}
}
