// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Journal;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.Transition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints each transition, as bcc's tcpstates does. */
@Command(
    name = "print",
    description = {
      "Prints each TCP state transition, in the columns of bcc's tcpstates.",
      "",
      "C-PID and C-COMM are the task that was on the CPU, often not the owner of the socket. MS is"
          + " the time in the old state; a ~ marks a time that is not exact. OPENED BY is the line"
          + " of code that opened the socket."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: C-COMM, C-PID, LADDR, LPORT, SOCKET. -w keeps"
          + " them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar print app.jfr",
      "  java -jar tcpstates-agent.jar print -T -L 8080,8443 4711",
      "  java -jar tcpstates-agent.jar print --format json app.jfr | jq .openedBy"
    })
final class PrintCommand extends EventCommand {
  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  @Option(
      names = {"-Y", "--journal"},
      description =
          "write to the systemd journal instead, with bcc's field names (read it with journalctl"
              + " -t tcpstates -o verbose)")
  private boolean journal;

  @Option(names = "--journal-socket", hidden = true)
  private String journalSocket = Journal.SOCKET;

  private TransitionFilter transitions;

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
          options.open(out, terminal(), Transition.class, Transition::endTime, this::addColumns));
    }
  }

  private int print(Output out, RowSink<Transition> sink) {
    transitions = new TransitionFilter(filter, sink);
    return print(out, sink, "tcpstates.StateChange#enabled=true");
  }

  @Override
  public void transition(Transition transition) {
    transitions.accept(transition);
  }

  private void addColumns(Table<Transition> table) {
    table
        .left("SOCKET", 8, t -> Long.toHexString(t.socketId()))
        .left("C-PID", 7, Transition::taskId)
        .left("C-COMM", 15, Transition::taskName);
    if (options.wide() || table.commas()) {
      table.left("IP", 2, Endpoint::ipVersionText);
    }
    table
        .left("LADDR", options.addressWidth(), Transition::localAddress)
        .left("LPORT", 5, Transition::localPort)
        .left("RADDR", options.addressWidth(), Transition::address)
        .left("RPORT", 5, Transition::port)
        .left("OLDSTATE", 11, Transition::oldState);
    if (!table.commas()) {
      table.left("->", 2, t -> "->");
    }
    table
        .left("NEWSTATE", 11, Transition::newState)
        .right("MS", 9, t -> RowOptions.milliseconds(t.timeInState(), t.uncertainty(), table))
        .left("OPENED BY", 0, Transition::openerAndThread)
        .drop("C-COMM", "C-PID", "LADDR", "LPORT", "SOCKET");
  }
}
