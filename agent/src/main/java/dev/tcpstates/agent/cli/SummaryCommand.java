// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.FleetOrder;
import dev.tcpstates.agent.cli.view.FleetSummarizer;
import dev.tcpstates.agent.cli.view.FleetSummary;
import dev.tcpstates.agent.cli.view.FleetView;
import dev.tcpstates.agent.cli.view.Format;
import dev.tcpstates.agent.cli.view.JvmTotals;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordWriter;
import dev.tcpstates.agent.cli.view.SummaryView;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.analysis.Summarizer;
import dev.tcpstates.jfr.analysis.Summary;
import dev.tcpstates.jfr.read.TcpRecordings;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints one screen about a recording. */
@Command(
    name = "summary",
    description = {
      "Prints one screen about a recording: what is wrong, states, handshakes, failures, stuck"
          + " sockets, growth and churn.",
      "",
      "Stuck are sockets in CLOSE_WAIT at the end, and those without progress for long. GROWTH has"
          + " the lines of code that opened connections over half of the recording, or of the time"
          + " since its first connection, and ended few."
          + " Churn is how many connections each line of code opens. Counts and maxima are exact."
          + " Percentiles are exact for up to 1024 values; for more, they are at most 0.8 %% too"
          + " high.",
      "",
      "If the recordings are those of several JVMs, prints one row per JVM, the worst first, their"
          + " total, and the lines of code with a fault. STUCK are stuck sockets, GROWN are those"
          + " of lines with growth, LINES how many lines have these, RESET connections that"
          + " ended by a reset, TIME_WAIT the most at one time (in the total: the sum of these)."
          + " The row of a recording that can't be read, or without an event of the agent, has a"
          + " note."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: of failures THREAD, IDLE, TOOK, REASON; of"
          + " stuck sockets THREAD, RETRANS, UNREAD, UNACKED, GIVES UP, IN; of lines that only"
          + " opened THREAD, OVER; of churn THREAD, <100 ms, ENDED; of handshakes P50, P99; of"
          + " accept queues WAIT, P50, LEFT, P99; of JVMs LINES, TIME, LOST, PID, MAIN CLASS,"
          + " RETRANS, GROWN, TIME_WAIT. -w keeps them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar summary app.jfr",
      "  java -jar tcpstates-agent.jar summary --top 20 recordings/",
      "  java -jar tcpstates-agent.jar summary --sort timeWait fleet/   one row per JVM",
      "  java -jar tcpstates-agent.jar summary --for 10s Shop   the JVM whose main class has"
          + " 'Shop'",
      "  java -jar tcpstates-agent.jar summary --format json app.jfr | jq .leaks"
    })
final class SummaryCommand extends RecordingsCommand {
  @Option(
      names = "--top",
      paramLabel = "<n>",
      description = "lines per list, at most (default: ${DEFAULT-VALUE})")
  private int top = 3;

  @Mixin private WideOption wide;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      description =
          "table (default), json (one object with everything), or csv (one row per JVM, even if"
              + " there is only one)")
  private Format format = Format.table;

  @Option(
      names = "--sort",
      paramLabel = "<by>",
      description =
          "what the JVMs are sorted by, if there are several: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}: stuck, grown, failed and reset, summed up)")
  private FleetOrder order = FleetOrder.faults;

  @Mixin private TogetherOption together;

  @Override
  public Integer call() {
    if (top < 1) {
      throw wrongUsage("--top " + top + ": must be 1 or more");
    }
    List<TcpRecordings.OfJvm> jvms =
        format == Format.csv ? eachJvm() : together.isTogether() ? List.of() : severalJvms();
    if (!jvms.isEmpty()) {
      return summarize(jvms);
    }
    Summarizer summarizer = new Summarizer();
    List<ReadProblem> problems = read(summarizer);
    Summary summary = summarizer.result();
    try (Output out = Output.standard()) {
      if (format == Format.json) {
        out.line(RecordWriter.json(summary));
      } else {
        new SummaryView(out, terminal(), top, wide.isWide()).show(summary);
      }
    }
    return problems.isEmpty() && !summary.isEmpty() ? Exit.OK : Exit.INPUT;
  }

  private int summarize(List<TcpRecordings.OfJvm> jvms) {
    FleetSummarizer fleet = new FleetSummarizer();
    boolean[] complete = {true};
    readEach(
        jvms,
        new RecordingInput.JvmReading() {
          @Override
          public void read(TcpRecordings recordings) throws IOException {
            Summarizer summarizer = new Summarizer();
            List<ReadProblem> problems = recordings.read(summarizer);
            Summary summary = summarizer.result();
            fleet.add(recordings.files(), summary, problems);
            complete[0] &= problems.isEmpty() && !summary.isEmpty();
          }

          @Override
          public void unreadable(TcpRecordings recordings, String reason) {
            fleet.addUnreadable(recordings.files(), reason);
            complete[0] = false;
          }
        });
    FleetSummary summary = fleet.result(order);
    try (Output out = Output.standard()) {
      switch (format) {
        case json -> out.line(RecordWriter.json(summary));
        case csv -> {
          RecordWriter<JvmTotals> rows = RecordWriter.csv(out, JvmTotals.class);
          summary.jvms().forEach(rows);
          rows.end();
        }
        default -> new FleetView(out, terminal(), top, wide.isWide()).show(summary);
      }
    }
    return complete[0] ? Exit.OK : Exit.INPUT;
  }
}
