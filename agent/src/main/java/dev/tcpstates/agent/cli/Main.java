// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.live.EarlyEnd;
import dev.tcpstates.agent.cli.live.JvmName;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.Terminal;
import dev.tcpstates.agent.kernel.libbpf.NativeFolders;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code java -jar tcpstates-agent.jar <command>}. */
@CommandLine.Command(
    name = "java -jar tcpstates-agent.jar",
    versionProvider = Versions.class,
    synopsisHeading = "usage: ",
    synopsisSubcommandLabel = "<command>",
    subcommands = {
      PrintCommand.class,
      LifeCommand.class,
      TopCommand.class,
      RetransmitsCommand.class,
      SocketsCommand.class,
      SummaryCommand.class,
      ReportCommand.class,
      StacksCommand.class,
      CheckCommand.class,
      EnrichCommand.class,
      AttachCommand.class,
      DetachCommand.class,
      JfcCommand.class,
      MetricsRulesCommand.class,
      DoctorCommand.class,
      NodeCommand.class,
      CompletionCommand.class,
      ManCommand.class
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
      Exit.OK_HELP,
      Exit.FAILED_HELP,
      Exit.USAGE_HELP,
      Exit.INPUT_HELP,
      Exit.DEFECT_HELP
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

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "print the versions of the agent, libbpf, the kernel and Java")
  private boolean version;

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
    int exit;
    try {
      exit = commandLine(new Main(jar, terminal), columns).execute(arguments);
    } catch (Error e) {
      // picocli handles exceptions only.
      exit = failed(e);
    }
    System.out.flush();
    EarlyEnd.answered(exit);
    return exit;
  }

  private static CommandLine commandLine(Main main, int columns) {
    return new CommandLine(main)
        .setColorScheme(Help.defaultColorScheme(main.terminal.ansi()))
        .setUsageHelpWidth(columns)
        .registerConverter(JvmName.class, JvmName::parse)
        .registerConverter(Duration.class, Limits::duration)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, words) -> wrongUsage(e))
        .setExecutionExceptionHandler((e, line, result) -> failed(e));
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
    // picocli's further lines say nothing new.
    String message =
        e instanceof BaseCommand.UsageException
            ? e.getMessage()
            : e.getMessage().lines().findFirst().orElse("wrong command line");
    System.err.println(message + suggestion(e));
    System.err.println("For help: " + command.getCommandSpec().qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static String suggestion(ParameterException e) {
    List<String> similar =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
  }

  /** Prints one line, whatever happened: a stack trace says nothing to the user. */
  private static int failed(Throwable e) {
    if (e instanceof Output.ClosedException) {
      return Exit.OK;
    }
    if (e instanceof CommandException failure) {
      System.err.println(failure.getMessage());
      return failure.exit();
    }
    List<String> missing = missingModules();
    if (e instanceof LinkageError && !missing.isEmpty()) {
      System.err.println(
          "this Java lacks " + String.join(", ", missing) + "; use a JDK's java, 17 or later");
      return Exit.FAILED;
    }
    if (e instanceof OutOfMemoryError) {
      System.err.println(
          "out of memory (" + e.getMessage() + "); give it more: java -Xmx2g -jar ...");
      return Exit.FAILED;
    }
    System.err.println("unexpected " + e + "; please report this with the command line");
    return Exit.DEFECT;
  }

  /** Returns which modules this Java lacks of those that the commands need. */
  static List<String> missingModules() {
    return Stream.of("jdk.jfr", "jdk.attach")
        .filter(module -> ModuleLayer.boot().findModule(module).isEmpty())
        .toList();
  }
}
