// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.CommandException;
import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.JvmColumns;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Rows;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.analysis.Words;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The segments that were sent again, as bcc's tcpretrans prints them. */
@Command(
    name = "retransmits",
    synopsisHeading = "usage: ",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Prints the segments that were sent again, as bcc's tcpretrans does, with who opened the"
          + " socket.",
      "R> is a retransmit, L> a loss probe; SEGS is how many segments were sent at once."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar retransmits app.jfr",
      "  java -jar tcpstates-agent.jar retransmits -c -l app.jfr   how many of each connection"
    })
public final class RetransmitsCommand implements Callable<Integer>, TcpEventHandler {
  private static final String LOSS_PROBE = "LOSS_PROBE";

  /** The retransmits of one connection. */
  private record Flow(
      long socketId,
      String localAddress,
      int localPort,
      String address,
      int port,
      int retransmits,
      String openedBy) {

    static Flow of(RetransmitInfo first) {
      return new Flow(
          first.socketId(),
          first.localAddress(),
          first.localPort(),
          first.address(),
          first.port(),
          first.segments(),
          first.openedBy());
    }

    Flow plus(Flow other) {
      return new Flow(
          socketId,
          localAddress,
          localPort,
          address,
          port,
          retransmits + other.retransmits,
          other.openedBy == null ? openedBy : other.openedBy);
    }
  }

  @ParentCommand private Main parent;
  @Mixin private EventSource source;
  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  @Option(
      names = {"-l", "--lossprobe"},
      description = "loss probes, too")
  private boolean lossProbes;

  @Option(
      names = {"-c", "--count"},
      description = "how many each connection had, at the end")
  private boolean count;

  private final JvmColumns jvm = new JvmColumns();
  private final Map<Long, Flow> flows = new LinkedHashMap<>();
  private RowSink<RetransmitInfo> sink;

  @Override
  public Integer call() {
    if (count && source.isLive()) {
      throw new CommandException(
          Exit.USAGE, "--count needs recordings: a JVM that runs has no end to count at");
    }
    try (Output out = Output.standard()) {
      sink =
          count
              ? flow -> {}
              : options.open(
                  out,
                  parent.terminal(),
                  RetransmitInfo.class,
                  RetransmitInfo::time,
                  this::columns);
      if (source.isLive()) {
        sink.end();
        out.flush();
      }
      int exit = source.read(parent, out, this, "tcpstates.Retransmit#enabled=true");
      sink.end();
      if (count) {
        printFlows(out);
      }
      return exit;
    }
  }

  @Override
  public void jvm(JvmInfo info) {
    jvm.set(info);
  }

  @Override
  public void retransmit(RetransmitInfo retransmit) {
    if (filter.accepts(retransmit) && (lossProbes || !LOSS_PROBE.equals(retransmit.kind()))) {
      if (count) {
        flows.merge(retransmit.socketId(), Flow.of(retransmit), Flow::plus);
      } else {
        sink.accept(retransmit);
      }
    }
  }

  private void printFlows(Output out) {
    RowSink<Flow> to =
        options.openWithoutTime(out, parent.terminal(), Flow.class, this::flowColumns);
    flows.values().stream().sorted(Comparator.comparing(Flow::retransmits).reversed()).forEach(to);
    to.end();
  }

  private void flowColumns(Rows<Flow> rows) {
    rows.left("LADDR:LPORT", endpointWidth(), f -> Endpoint.text(f.localAddress, f.localPort))
        .left("RADDR:RPORT", endpointWidth(), f -> Endpoint.text(f.address, f.port))
        .right("RETRANSMITS", 11, f -> Integer.toString(f.retransmits))
        .left("OPENED BY", 0, Flow::openedBy);
  }

  private void columns(Rows<RetransmitInfo> rows) {
    rows.left("PID", 7, r -> jvm.pid())
        .left("IP", 2, Endpoint::ipVersionText)
        .left("LADDR:LPORT", endpointWidth(), r -> Endpoint.text(r.localAddress(), r.localPort()))
        .left("T>", 2, r -> LOSS_PROBE.equals(r.kind()) ? "L>" : "R>")
        .left("RADDR:RPORT", endpointWidth(), r -> Endpoint.text(r.address(), r.port()))
        .left("STATE", 11, r -> Words.name(r.state()))
        .left("KIND", 10, RetransmitInfo::kind)
        .right("SEGS", 4, r -> Integer.toString(r.segments()))
        .left("OPENED BY", 0, RetransmitInfo::openedBy);
  }

  private int endpointWidth() {
    return options.addressWidth() + 6;
  }
}
