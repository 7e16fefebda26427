// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.RetransmitInfo;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the retransmitted segments, as bcc's tcpretrans does. */
@Command(
    name = "retransmits",
    description = {
      "Prints the retransmitted segments, in the columns of bcc's tcpretrans.",
      "",
      "R> is a retransmit, L> a loss probe. SEGS is how many segments were sent at once. OPENED BY"
          + " is the line of code that opened the socket."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: PID, IP, LADDR:LPORT, SEGS, STATE. -w keeps"
          + " them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar retransmits app.jfr",
      "  java -jar tcpstates-agent.jar retransmits -c -l app.jfr   how many per connection"
    })
final class RetransmitsCommand extends EventCommand {
  private static final String LOSS_PROBE = "LOSS_PROBE";

  /** The retransmits of one connection. */
  private record Flow(
      long socketId,
      String localAddress,
      int localPort,
      String address,
      int port,
      int retransmits,
      String openedBy) {}

  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  @Option(
      names = {"-l", "--lossprobe"},
      description = "include loss probes")
  private boolean lossProbes;

  @Option(
      names = {"-c", "--count"},
      description = "print the number of retransmits per connection instead")
  private boolean count;

  private final Map<Long, Flow> flows = new LinkedHashMap<>();
  private RowSink<RetransmitInfo> sink;

  @Override
  public Integer call() {
    if (count && isLive()) {
      throw new CommandException(
          Exit.USAGE, "--count needs recordings: a running JVM has no end to count at");
    }
    try (Output out = Output.standard()) {
      sink =
          count
              ? this::count
              : options.open(
                  out, terminal(), RetransmitInfo.class, RetransmitInfo::time, this::addColumns);
      int exit = print(out, sink, "tcpstates.Retransmit#enabled=true");
      if (count) {
        printFlows(out);
      }
      return exit;
    }
  }

  @Override
  public void retransmit(RetransmitInfo retransmit) {
    if (filter.accepts(retransmit) && (lossProbes || !LOSS_PROBE.equals(retransmit.kind()))) {
      sink.accept(retransmit);
    }
  }

  private void count(RetransmitInfo info) {
    Flow before = flows.get(info.socketId());
    boolean openerKnown = info.openedBy() != null || before == null;
    flows.put(
        info.socketId(),
        new Flow(
            info.socketId(),
            info.localAddress(),
            info.localPort(),
            info.address(),
            info.port(),
            info.segments() + (before == null ? 0 : before.retransmits),
            openerKnown ? info.openerAndThread() : before.openedBy));
  }

  private void printFlows(Output out) {
    RowSink<Flow> to = options.open(out, terminal(), Flow.class, null, this::addFlowColumns);
    flows.values().stream().sorted(Comparator.comparing(Flow::retransmits).reversed()).forEach(to);
    to.end();
  }

  private void addFlowColumns(Table<Flow> table) {
    table
        .left("LADDR:LPORT", endpointWidth(), f -> Endpoint.text(f.localAddress, f.localPort))
        .left("RADDR:RPORT", endpointWidth(), f -> Endpoint.text(f.address, f.port))
        .right("RETRANSMITS", 11, Flow::retransmits)
        .left("OPENED BY", 0, Flow::openedBy)
        .drop("LADDR:LPORT");
  }

  private void addColumns(Table<RetransmitInfo> table) {
    table
        .left("PID", 7, r -> pid())
        .left("IP", 2, Endpoint::ipVersionText)
        .left("LADDR:LPORT", endpointWidth(), r -> Endpoint.text(r.localAddress(), r.localPort()))
        .left("T>", 2, r -> LOSS_PROBE.equals(r.kind()) ? "L>" : "R>")
        .left("RADDR:RPORT", endpointWidth(), r -> Endpoint.text(r.address(), r.port()))
        .left("STATE", 11, RetransmitInfo::state)
        .left("KIND", 10, RetransmitInfo::kind)
        .right("SEGS", 4, RetransmitInfo::segments)
        .left("OPENED BY", 0, RetransmitInfo::openerAndThread)
        .drop("PID", "IP", "LADDR:LPORT", "SEGS", "STATE");
  }

  private int endpointWidth() {
    return options.addressWidth() + 6;
  }
}
