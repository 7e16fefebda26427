// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.enrich.Enricher;
import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Words;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a recording, and gives each socket event the stack that opened the socket. */
@Command(
    name = "enrich",
    description = {
      "Copies a recording, and gives each socket event the stack that opened the socket.",
      "",
      "The stack and the opening thread become the event's own. So JDK Mission Control's views for"
          + " any event work on them, such as Stack Trace, Flame View and Threads.",
      "",
      "The copy has all events, also the JDK's, with exact times. It lacks the settings of the"
          + " event types. The added stacks lack method parameters, which the agent does not"
          + " record."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar enrich app.jfr app-with-stacks.jfr",
      "  java -jar tcpstates-agent.jar enrich --tcp-only recordings/ tcp.jfr   several into one"
    })
final class EnrichCommand extends BaseCommand {
  @Option(
      names = "--tcp-only",
      description = "copy the agent's events only, which is faster and smaller")
  private boolean tcpOnly;

  @Parameters(
      index = "0",
      paramLabel = "<recording>",
      description = "recording (.jfr), or a directory of them")
  private Path recording;

  @Parameters(index = "1", paramLabel = "<copy>", description = "file to write")
  private Path copy;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(copy) && Files.exists(recording) && Files.isSameFile(recording, copy)) {
      throw wrongUsage("the copy can't replace its recording; name another file");
    }
    Enricher enricher = new Enricher(tcpOnly);
    // A copy that was not finished must not look like one.
    Path part = copy.resolveSibling(copy.getFileName() + ".part");
    List<ReadProblem> problems;
    try {
      try (OutputStream out = open(part)) {
        problems =
            new RecordingInput(terminal())
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
        Words.count(enricher.events(), "event")
            + " copied to "
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
      throw CommandException.cannotWrite(file, e);
    }
  }
}
