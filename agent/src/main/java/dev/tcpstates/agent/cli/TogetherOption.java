// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import picocli.CommandLine.Option;

/** The option that evaluates the recordings of several JVMs as if they were those of one. */
final class TogetherOption {
  @Option(
      names = "--together",
      description = "evaluate all JVMs together, instead of each by itself")
  private boolean together;

  boolean isTogether() {
    return together;
  }
}
