// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.ConnectionInfo;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints each connection that has ended, as bcc's tcplife does. */
@Command(
    name = "life",
    description = {
      "Prints each connection that has ended, in the columns of bcc's tcplife.",
      "",
      "COMM is the JVM's main class. MS is the connection's lifetime; a ~ marks a time that is not"
          + " exact, because the agent polled. END is how the connection ended. OPENED BY is the"
          + " line of code that opened it."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: COMM, PID, LADDR, LPORT, TX_KB, RX_KB. -w"
          + " keeps them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar life app.jfr",
      "  java -jar tcpstates-agent.jar life -D 5432 app.jfr   to the database only",
      "  java -jar tcpstates-agent.jar life --format csv app.jfr > connections.csv"
    })
final class LifeCommand extends EventCommand {
  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  private RowSink<ConnectionInfo> sink;

  @Override
  public Integer call() {
    try (Output out = Output.standard()) {
      sink =
          options.open(
              out, terminal(), ConnectionInfo.class, ConnectionInfo::endTime, this::addColumns);
      return print(out, sink, "tcpstates.Connection#enabled=true");
    }
  }

  @Override
  public void connection(ConnectionInfo connection) {
    if (filter.accepts(connection)) {
      sink.accept(connection);
    }
  }

  private void addColumns(Table<ConnectionInfo> table) {
    addJvm(table);
    if (options.wide() || table.commas()) {
      table.left("IP", 2, Endpoint::ipVersionText);
    }
    table
        .left("LADDR", options.addressWidth(), ConnectionInfo::localAddress)
        .left("LPORT", 5, ConnectionInfo::localPort)
        .left("RADDR", options.addressWidth(), ConnectionInfo::address)
        .left("RPORT", 5, ConnectionInfo::port)
        .right("TX_KB", 7, c -> RowOptions.kilobytes(c.bytesSent()))
        .right("RX_KB", 7, c -> RowOptions.kilobytes(c.bytesReceived()))
        .right("MS", 10, c -> RowOptions.milliseconds(lifetime(c), c.uncertainty(), table))
        .left("END", 15, ConnectionInfo::end)
        .left("OPENED BY", 0, ConnectionInfo::openerAndThread)
        .drop("COMM", "PID", "LADDR", "LPORT", "TX_KB", "RX_KB");
  }

  private static Duration lifetime(ConnectionInfo connection) {
    return Duration.between(connection.startTime(), connection.endTime());
  }
}
