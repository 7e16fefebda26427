// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints man pages. */
@Command(
    name = "man",
    description = {"Prints a man page, or writes all of them."},
    footer = {
      "",
      "Examples:",
      "  man -l <(java -jar tcpstates-agent.jar man summary)",
      "  java -jar tcpstates-agent.jar man -o /usr/local/share/man/man1"
    })
final class ManCommand extends BaseCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "<command>",
      description = "the command that the page is about; without one, the page about all")
  private String command;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "<folder>",
      description = "write all pages into this folder")
  private Path folder;

  @Override
  public Integer call() {
    if (folder != null) {
      List<CommandLine> all = new ArrayList<>(root().getSubcommands().values());
      all.add(root());
      all.forEach(this::write);
      return Exit.OK;
    }
    CommandLine page = command == null ? root() : root().getSubcommands().get(command);
    if (page == null) {
      throw wrongUsage(
          "there is no command '"
              + command
              + "'; the commands are "
              + String.join(", ", root().getSubcommands().keySet()));
    }
    System.out.print(new ManPage(page).text());
    return Exit.OK;
  }

  private void write(CommandLine command) {
    ManPage page = new ManPage(command);
    Path file = folder.resolve(page.name() + ".1");
    try {
      Files.createDirectories(folder);
      Files.writeString(file, page.text());
    } catch (IOException e) {
      throw CommandException.cannotWrite(file, e);
    }
  }
}
