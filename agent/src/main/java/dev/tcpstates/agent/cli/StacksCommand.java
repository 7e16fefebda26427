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
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Who opened the sockets: stacks with weights. */
@Command(
    name = "stacks",
    synopsisHeading = "usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    sortOptions = false,
    description = {
      "Shows which code opened the sockets, by how many, how long they were in a state, or how much"
          + " they moved: as folded stacks, one a line with its weight, or as a flame graph."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar stacks app.jfr                       connections made and"
          + " accepted",
      "  java -jar tcpstates-agent.jar stacks --state CLOSE_WAIT -o leaks.html app.jfr",
      "  java -jar tcpstates-agent.jar stacks --bytes app.jfr | flamegraph.pl > bytes.svg"
    })
final class StacksCommand implements Callable<Integer> {
  @ParentCommand private Main parent;

  /** What the stacks are weighted by. */
  static final class Weights {
    @Option(
        names = "--connections",
        description = "by connections made and accepted, those that failed included (the default)")
    private boolean connections;

    @Option(
        names = "--state",
        paramLabel = "<state>",
        description = "by the time in this state, such as CLOSE_WAIT; in microseconds")
    private TcpState state;

    @Option(
        names = "--bytes",
        description = "by payload sent and received; of open connections, by Throughput events")
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
          "writes to a file: a flame graph, if its name ends in .html, and folded stacks otherwise")
  private Path output;

  @Parameters(
      arity = "1..*",
      paramLabel = "<recording>",
      description = "recordings (.jfr), and directories of them")
  private List<Path> recordings;

  @Override
  public Integer call() {
    StackWeights stacks = new StackWeights(weights.weight());
    int exit = new RecordingInput(parent.terminal()).read(recordings, stacks);
    List<Weighed> weighed = stacks.result();
    if (weighed.isEmpty()) {
      System.err.println("no socket of the recording " + FlameGraph.words(weights.weight()).none());
    }
    if (output == null) {
      try (Output out = Output.standard()) {
        weighed.forEach(stack -> out.line(FoldedStacks.line(stack)));
      }
    } else if (output.toString().endsWith(".html")) {
      boolean incomplete = !stacks.isComplete() || exit != Exit.OK;
      write(new FlameGraph(weights.weight(), recordings, weighed).html(incomplete));
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
      throw new CommandException(Exit.FAILED, "can't write " + output + ": " + e);
    }
  }
}
