// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What all commands share: the layout of their help, the terminal, and the agent's jar. */
@Command(
    synopsisHeading = "usage: ",
    abbreviateSynopsis = true,
    descriptionHeading = "%n",
    parameterListHeading = "%nArguments:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK_HELP,
      Exit.FAILED_HELP,
      Exit.USAGE_HELP,
      Exit.INPUT_HELP,
      Exit.DEFECT_HELP
    },
    sortOptions = false)
abstract class BaseCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  /** Returns the agent's jar, which is also this program. */
  final Path jar() {
    return main.jar();
  }

  /** Returns the command line that this command is a part of. */
  final CommandLine root() {
    return spec.root().commandLine();
  }

  final Terminal terminal() {
    return main.terminal();
  }

  /**
   * Prints a file of the agent's jar.
   *
   * @param beside a class that it lies beside
   */
  static int printResource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      in.transferTo(System.out);
      System.out.flush();
      return Exit.OK;
    } catch (IOException | NullPointerException e) {
      throw new CommandException(
          Exit.DEFECT, "the agent's jar can't be read (" + e + "); fetch or build it again");
    }
  }

  /** A command line that is wrong in a way that picocli can't know. The message may have lines. */
  static final class UsageException extends ParameterException {
    private static final long serialVersionUID = 1;

    private UsageException(CommandLine command, String message) {
      super(command, message);
    }
  }

  /** Returns the exception for a command line that is wrong in a way that picocli can't know. */
  final ParameterException wrongUsage(String message) {
    return new UsageException(spec.commandLine(), message);
  }
}
