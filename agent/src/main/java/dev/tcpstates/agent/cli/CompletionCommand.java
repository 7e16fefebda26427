// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Exit;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints a script for shells that completes the command's words. */
@Command(
    name = "completion",
    description = {
      "Prints a script for bash and zsh. It defines the command tcpstates-agent, which runs this"
          + " jar, and completes its commands, options and values."
    },
    footer = {
      "",
      "Examples:",
      "  source <(java -jar tcpstates-agent.jar completion)   in this shell",
      "  java -jar tcpstates-agent.jar completion > ~/.tcpstates-agent   for a line in .bashrc"
    })
final class CompletionCommand extends BaseCommand {
  @Override
  public Integer call() {
    String jar = jar().toAbsolutePath().toString().replace("'", "'\\''");
    System.out.println(
        ManPage.NAME + "() { \"${JAVA_HOME:+$JAVA_HOME/bin/}java\" -jar '" + jar + "' \"$@\"; }");
    System.out.println(AutoComplete.bash(ManPage.NAME, root()));
    return Exit.OK;
  }
}
