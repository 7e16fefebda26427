// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.ReportPage;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Lifelines;
import dev.tcpstates.jfr.analysis.Summarizer;
import dev.tcpstates.jfr.analysis.Summary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a page about a recording. */
@Command(
    name = "report",
    description = {
      "Writes one HTML page about a recording, with charts to zoom into.",
      "",
      "The page has what is wrong and what usually causes it; the states over time; each connection"
          + " as a bar in the colors of its states, grouped by the line of code that opened it; a"
          + " flame graph of the opening stacks; and heat maps of handshakes and accept queues. A"
          + " click on a connection shows its states and its opening stack. The page needs no"
          + " network."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar report app.jfr -o report.html",
      "  java -jar tcpstates-agent.jar report --sockets 50000 recordings/ -o report.html"
    })
final class ReportCommand extends RecordingsCommand {
  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "<file>",
      description = "the page to write")
  private Path output;

  @Option(
      names = "--sockets",
      paramLabel = "<n>",
      description = {
        "sockets to show, at most (default: ${DEFAULT-VALUE}); those that did not end well come"
            + " first"
      })
  private int sockets = 20_000;

  @Override
  public Integer call() {
    if (sockets < 1) {
      throw wrongUsage("--sockets " + sockets + ": must be 1 or more");
    }
    Summarizer summarizer = new Summarizer();
    Lifelines lifelines = new Lifelines(sockets);
    List<ReadProblem> problems = read(summarizer, lifelines);
    Summary summary = summarizer.result();
    try {
      Files.writeString(
          output,
          new ReportPage(names(), summary, lifelines, problems).html(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw CommandException.cannotWrite(output, e);
    }
    return problems.isEmpty() && !summary.isEmpty() ? Exit.OK : Exit.INPUT;
  }
}
