// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Format;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordWriter;
import dev.tcpstates.agent.cli.view.SummaryView;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Summarizer;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints one screen about a recording. */
@Command(
    name = "summary",
    description = {
      "Prints one screen about a recording: states, handshakes, failures, leaks and churn.",
      "",
      "Leaks are sockets left in CLOSE_WAIT, or stuck. Churn is how many connections each line of"
          + " code opens. Counts and maxima are exact. Percentiles are exact for up to 1024 values;"
          + " for more, they are at most 0.8 %% too high."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar summary app.jfr",
      "  java -jar tcpstates-agent.jar summary --top 20 recordings/",
      "  java -jar tcpstates-agent.jar summary --format json app.jfr | jq .leaks"
    })
final class SummaryCommand extends RecordingsCommand {
  @Option(
      names = "--top",
      paramLabel = "<n>",
      description = "lines per list, at most (default: ${DEFAULT-VALUE})")
  private int top = 3;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      description = "table (default), or json (one object with everything)")
  private Format format = Format.table;

  @Override
  public Integer call() {
    if (format == Format.csv) {
      throw wrongUsage("--format csv: a summary has no rows; use json");
    }
    if (top < 1) {
      throw wrongUsage("--top " + top + ": must be 1 or more");
    }
    Summarizer summarizer = new Summarizer();
    List<ReadProblem> problems = read(summarizer);
    try (Output out = Output.standard()) {
      if (format == Format.json) {
        out.line(RecordWriter.json(summarizer.result()));
      } else {
        new SummaryView(out, terminal(), top).show(summarizer.result());
      }
    }
    return problems.isEmpty() ? Exit.OK : Exit.INPUT;
  }
}
