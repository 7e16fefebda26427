// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.FlameGraph;
import dev.tcpstates.agent.cli.view.FoldedStacks;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.StackWeights;
import dev.tcpstates.jfr.analysis.StackWeights.Weighed;
import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the stacks that opened the sockets, with weights. */
@Command(
    name = "stacks",
    description = {
      "Prints the stacks that opened the sockets, as folded stacks or as a flame graph.",
      "",
      "A folded stack is one line: the frames, and their weight. The weight is the number of"
          + " connections, the time in a state, or the bytes."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar stacks app.jfr",
      "  java -jar tcpstates-agent.jar stacks --state CLOSE_WAIT -o leaks.html app.jfr",
      "  java -jar tcpstates-agent.jar stacks --bytes app.jfr | flamegraph.pl > bytes.svg"
    })
final class StacksCommand extends RecordingsCommand {
  /** The weight of a stack. */
  static final class Weights {
    @Option(
        names = "--connections",
        description = "weigh by connections made and accepted, including failed ones (default)")
    private boolean connections;

    @Option(
        names = "--state",
        paramLabel = "<state>",
        description = "weigh by the microseconds in this state, such as CLOSE_WAIT")
    private TcpState state;

    @Option(
        names = "--bytes",
        description =
            "weigh by payload bytes sent and received; for connections still open, the Throughput"
                + " events count")
    private boolean bytes;

    Weight weight() {
      return state != null
          ? new Weight.TimeIn(state)
          : bytes ? new Weight.Bytes() : new Weight.Connections();
    }
  }

  @ArgGroup private Weights weights = new Weights();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "<file>",
      description =
          "write to this file: a flame graph if the name ends in .html, otherwise folded stacks")
  private Path output;

  @Override
  public Integer call() {
    StackWeights stacks = new StackWeights(weights.weight());
    int exit = evaluate(paths -> new RecordingInput(terminal()).read(paths, stacks));
    List<Weighed> weighed = stacks.result();
    if (weighed.isEmpty()) {
      System.err.println("no socket in the recording " + FlameGraph.words(weights.weight()).none());
    }
    if (output == null) {
      try (Output out = Output.standard()) {
        weighed.forEach(stack -> out.line(FoldedStacks.line(stack)));
      }
    } else if (output.toString().endsWith(".html")) {
      boolean incomplete = !stacks.isComplete() || exit != Exit.OK;
      write(new FlameGraph(weights.weight(), names(), weighed).html(incomplete));
    } else {
      StringBuilder lines = new StringBuilder();
      weighed.forEach(stack -> lines.append(FoldedStacks.line(stack)).append('\n'));
      write(lines.toString());
    }
    return exit;
  }

  private void write(String text) {
    try {
      Files.writeString(output, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw CommandException.cannotWrite(output, e);
    }
  }
}
