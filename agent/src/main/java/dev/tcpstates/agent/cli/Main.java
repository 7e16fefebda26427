// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.Pid;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.Terminal;
import dev.tcpstates.agent.kernel.libbpf.NativeFolders;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** {@code java -jar tcpstates-agent.jar <command>}. */
@CommandLine.Command(
    name = "java -jar tcpstates-agent.jar",
    synopsisHeading = "usage: ",
    synopsisSubcommandLabel = "<command>",
    subcommands = {
      PrintCommand.class,
      LifeCommand.class,
      TopCommand.class,
      RetransmitsCommand.class,
      SummaryCommand.class,
      StacksCommand.class,
      CheckCommand.class,
      EnrichCommand.class,
      AttachCommand.class,
      DetachCommand.class,
      JfcCommand.class,
      DoctorCommand.class
    },
    sortOptions = false,
    description = {
      "",
      "Finds the line of Java code that opened a stuck, slow, refused, reset or leaked TCP"
          + " connection: reads the agent's recordings, or follows a running JVM.",
      ""
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "To record from the start of a JVM: java -javaagent:tcpstates-agent.jar ...",
      "For a command's options and examples: java -jar tcpstates-agent.jar <command> --help"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK + ":done",
      Exit.FAILED + ":the command failed, or a check found something",
      Exit.USAGE + ":the command line is wrong",
      Exit.INPUT + ":a recording can't be read, or only a part of it",
      Exit.DEFECT + ":a defect in this program"
    })
public final class Main {
  private final Path jar;
  private final Terminal terminal;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "print this help")
  private boolean help;

  private Main(Path jar, Terminal terminal) {
    this.jar = jar;
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param jar the agent's own jar
   * @return the exit code, which the help explains
   */
  public static int run(Path jar, String[] arguments) {
    NativeFolders.agentJar(jar);
    Terminal terminal = Terminal.ofThisProcess();
    int columns = Math.min(100, Math.max(60, terminal.columns()));
    return new CommandLine(new Main(jar, terminal))
        .setColorScheme(Help.defaultColorScheme(terminal.ansi()))
        .setUsageHelpWidth(columns)
        .registerConverter(Pid.class, Pid::parse)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, words) -> wrongUsage(e))
        .setExecutionExceptionHandler((e, line, result) -> failed(e))
        .execute(arguments);
  }

  Path jar() {
    return jar;
  }

  Terminal terminal() {
    return terminal;
  }

  private static int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    Help help = new Help(command.getCommandSpec(), Help.defaultColorScheme(Ansi.OFF));
    System.err.print("usage: " + help.synopsis("usage: ".length()));
    System.err.println(e.getMessage().lines().findFirst().orElse("wrong command line"));
    System.err.println("For help: " + command.getCommandSpec().qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static int failed(Exception e) {
    if (e instanceof Output.ClosedException) {
      return Exit.OK;
    }
    if (e instanceof CommandException failure) {
      System.err.println(failure.getMessage());
      return failure.exit();
    }
    System.err.println("unexpected " + e + "; please report this with the command line");
    return Exit.DEFECT;
  }
}
