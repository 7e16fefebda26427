// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Journal;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Rows;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.analysis.Words;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Each transition, as bcc's tcpstates prints them. */
@Command(
    name = "print",
    synopsisHeading = "usage: ",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Prints each transition as bcc's tcpstates does, with who opened the socket.",
      "C-PID and C-COMM are what was on the CPU, often not the socket's owner; MS is the time in"
          + " the old state, with a ~ if it is not exact."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar print app.jfr",
      "  java -jar tcpstates-agent.jar print -T -L 8080,8443 4711",
      "  java -jar tcpstates-agent.jar print --format json app.jfr | jq .openedBy"
    })
final class PrintCommand implements Callable<Integer> {
  @ParentCommand private Main parent;
  @Mixin private EventSource source;
  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  @Option(
      names = {"-Y", "--journal"},
      description =
          "writes to the systemd journal instead, with bcc's field names (see journalctl -t"
              + " tcpstates -o verbose)")
  private boolean journal;

  @Option(names = "--journal-socket", hidden = true)
  private String journalSocket = Journal.SOCKET;

  @Override
  public Integer call() {
    try (Output out = Output.standard()) {
      if (journal) {
        try (Journal to = new Journal(journalSocket)) {
          return print(out, to::write);
        }
      }
      return print(
          out,
          options.open(
              out, parent.terminal(), Transition.class, Transition::endTime, this::columns));
    }
  }

  private int print(Output out, RowSink<Transition> sink) {
    if (source.isLive()) {
      sink.end(); // the heading now: the first transition may be long in coming
      out.flush();
    }
    int exit =
        source.read(
            parent, out, new TransitionFilter(filter, sink), "tcpstates.StateChange#enabled=true");
    sink.end();
    return exit;
  }

  private void columns(Rows<Transition> rows) {
    rows.left("SOCKET", 8, t -> Long.toHexString(t.socketId()))
        .dispensable("C-PID", 7, t -> Integer.toString(t.taskId()))
        .dispensable("C-COMM", 15, Transition::taskName);
    if (options.wide() || rows.commas()) {
      rows.left("IP", 2, Endpoint::ipVersionText);
    }
    rows.left("LADDR", options.addressWidth(), Transition::localAddress)
        .left("LPORT", 5, t -> Integer.toString(t.localPort()))
        .left("RADDR", options.addressWidth(), Transition::address)
        .left("RPORT", 5, t -> Integer.toString(t.port()))
        .left("OLDSTATE", 11, t -> Words.name(t.oldState()));
    if (!rows.commas()) {
      rows.left("->", 2, t -> "->");
    }
    rows.left("NEWSTATE", 11, t -> Words.name(t.newState()))
        .right("MS", 9, t -> milliseconds(t, rows.commas()))
        .left("OPENED BY", 0, Transition::openedBy);
  }

  /** With a mark if the time is uncertain, where no program is to read it. */
  private static String milliseconds(Transition transition, boolean plain) {
    String mark = plain || transition.uncertainty().isZero() ? "" : "~";
    return mark + RowOptions.milliseconds(transition.timeInState());
  }
}
