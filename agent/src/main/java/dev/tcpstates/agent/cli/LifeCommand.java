// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.JvmColumns;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Rows;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Each connection that ended, as bcc's tcplife prints them. */
@Command(
    name = "life",
    synopsisHeading = "usage: ",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Prints each connection that has ended, as bcc's tcplife does, with how it ended and who"
          + " opened it.",
      "COMM is the JVM's main class; MS has a ~ if the agent polled, so that it is not exact."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar life app.jfr",
      "  java -jar tcpstates-agent.jar life -D 5432 app.jfr   to the database only",
      "  java -jar tcpstates-agent.jar life --format csv app.jfr > connections.csv"
    })
final class LifeCommand implements Callable<Integer>, TcpEventHandler {
  private static final double KB = 1024;

  @ParentCommand private Main parent;
  @Mixin private EventSource source;
  @Mixin private RowOptions options;
  @Mixin private RowFilter filter;

  private final JvmColumns jvm = new JvmColumns();
  private RowSink<ConnectionInfo> sink;

  @Override
  public Integer call() {
    try (Output out = Output.standard()) {
      sink =
          options.open(
              out, parent.terminal(), ConnectionInfo.class, ConnectionInfo::endTime, this::columns);
      if (source.isLive()) {
        sink.end();
        out.flush();
      }
      int exit = source.read(parent, out, this, "tcpstates.Connection#enabled=true");
      sink.end();
      return exit;
    }
  }

  @Override
  public void jvm(JvmInfo info) {
    jvm.set(info);
  }

  @Override
  public void connection(ConnectionInfo connection) {
    if (filter.accepts(connection)) {
      sink.accept(connection);
    }
  }

  private void columns(Rows<ConnectionInfo> rows) {
    jvm.addTo(rows);
    if (options.wide() || rows.commas()) {
      rows.left("IP", 2, Endpoint::ipVersionText);
    }
    rows.left("LADDR", options.addressWidth(), ConnectionInfo::localAddress)
        .left("LPORT", 5, c -> Integer.toString(c.localPort()))
        .left("RADDR", options.addressWidth(), ConnectionInfo::address)
        .left("RPORT", 5, c -> Integer.toString(c.port()))
        .right("TX_KB", 7, c -> RowOptions.decimal(c.bytesSent() / KB, 0))
        .right("RX_KB", 7, c -> RowOptions.decimal(c.bytesReceived() / KB, 0))
        .right("MS", 10, c -> milliseconds(c, rows.commas()))
        .left("END", 15, c -> Words.name(c.end()))
        .left("OPENED BY", 0, ConnectionInfo::openedBy);
  }

  /** With a mark if the time is uncertain, where no program is to read it. */
  private static String milliseconds(ConnectionInfo connection, boolean plain) {
    String mark = plain || connection.uncertainty().isZero() ? "" : "~";
    return mark + RowOptions.milliseconds(lifetime(connection));
  }

  private static Duration lifetime(ConnectionInfo connection) {
    return Duration.between(connection.startTime(), connection.endTime());
  }
}
