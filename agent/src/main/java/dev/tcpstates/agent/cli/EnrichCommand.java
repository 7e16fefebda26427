// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.enrich.Enricher;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.jfr.ReadProblem;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A copy of a recording in which each event of a socket has the stack that opened it. */
@Command(
    name = "enrich",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    sortOptions = false,
    description = {
      "Copies a recording, and gives each event of a socket the stack and the thread that opened"
          + " the socket, natively. Then the views of JDK Mission Control for any event, such as"
          + " Stack Trace, Flame View and Threads, work on them.",
      "",
      "All events are copied, the JDK's too, with their times to the nanosecond. What is not: the"
          + " settings of the event types, and of the stacks that are given the parameters of"
          + " methods, for the agent doesn't record them."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar enrich app.jfr app-with-stacks.jfr",
      "  java -jar tcpstates-agent.jar enrich --tcp-only recordings/ tcp.jfr     several into one"
    })
final class EnrichCommand implements Callable<Integer> {
  @ParentCommand private Main parent;

  @Spec private CommandSpec spec;

  @Option(
      names = "--tcp-only",
      description = "copies the agent's events only: a smaller file, and faster")
  private boolean tcpOnly;

  @Parameters(
      index = "0",
      paramLabel = "<recording>",
      description = "a recording (.jfr), or a directory of them")
  private Path recording;

  @Parameters(index = "1", paramLabel = "<copy>", description = "where the copy is written")
  private Path copy;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(copy) && Files.exists(recording) && Files.isSameFile(recording, copy)) {
      throw new ParameterException(
          spec.commandLine(), "the copy can't be written over its recording; name another file");
    }
    Enricher enricher = new Enricher(tcpOnly);
    // A copy that was not finished must not look like one.
    Path part = copy.resolveSibling(copy.getFileName() + ".part");
    List<ReadProblem> problems;
    try {
      try (OutputStream out = open(part)) {
        problems =
            new RecordingInput(parent.terminal())
                .read(List.of(recording), recordings -> enricher.copy(recordings, out));
      }
      Files.move(part, copy, StandardCopyOption.REPLACE_EXISTING);
    } catch (UncheckedIOException e) {
      throw new CommandException(
          Exit.FAILED, "can't write " + copy + ": " + e.getCause().getMessage());
    } finally {
      Files.deleteIfExists(part);
    }
    System.err.println(
        enricher.events()
            + " events copied to "
            + copy
            + ", "
            + enricher.enriched()
            + " with the stack that opened the socket");
    return problems.isEmpty() ? Exit.OK : Exit.INPUT;
  }

  private static OutputStream open(Path file) {
    try {
      return new BufferedOutputStream(Files.newOutputStream(file));
    } catch (IOException e) {
      throw new CommandException(Exit.FAILED, "can't write " + file + ": " + e);
    }
  }
}
