// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Format;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordWriter;
import dev.tcpstates.agent.cli.view.SummaryView;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Summarizer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** One screen about a recording. */
@Command(
    name = "summary",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    sortOptions = false,
    description = {
      "Prints one screen about a recording: the states of the sockets now and over time, the times"
          + " of handshakes and of waiting for accept, failures, and the lines of code that leak"
          + " connections or open a new one again and again.",
      "",
      "Counts and maxima are exact. So are percentiles of up to 1024 values; of more, they are at"
          + " most 0.8 %% above."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar summary app.jfr",
      "  java -jar tcpstates-agent.jar summary --top 20 recordings/     the first 20 lines of code"
          + " of each list",
      "  java -jar tcpstates-agent.jar summary --format json app.jfr | jq .leaks"
    })
final class SummaryCommand implements Callable<Integer> {
  @ParentCommand private Main parent;

  @Spec private CommandSpec spec;

  @Option(
      names = "--top",
      paramLabel = "<n>",
      description = "how many lines each list has (default: ${DEFAULT-VALUE})")
  private int top = 3;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      description = "table; json: one object with everything (default: table)")
  private Format format = Format.table;

  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>",
      description = "recordings (.jfr), and directories of them")
  private List<Path> recordings;

  @Override
  public Integer call() {
    if (format == Format.csv) {
      throw new ParameterException(
          spec.commandLine(), "--format csv: a summary is no table; take json");
    }
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top " + top + ": has to be 1 or more");
    }
    Summarizer summarizer = new Summarizer();
    List<ReadProblem> problems =
        new RecordingInput(parent.terminal()).read(recordings, reading -> reading.read(summarizer));
    try (Output out = Output.standard()) {
      if (format == Format.json) {
        out.line(RecordWriter.json(summarizer.result()));
      } else {
        new SummaryView(out, parent.terminal(), top).show(summarizer.result());
      }
    }
    return problems.isEmpty() ? Exit.OK : Exit.INPUT;
  }
}
