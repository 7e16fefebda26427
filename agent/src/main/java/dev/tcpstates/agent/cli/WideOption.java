// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import picocli.CommandLine.Option;

/** The option that keeps the columns that a narrow terminal would drop. */
final class WideOption {
  @Option(
      names = {"-w", "--wide"},
      description = "print all columns and whole values, even if the terminal wraps the rows")
  private boolean wide;

  boolean isWide() {
    return wide;
  }
}
