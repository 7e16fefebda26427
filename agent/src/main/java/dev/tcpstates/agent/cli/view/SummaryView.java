// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.analysis.Distribution;
import dev.tcpstates.jfr.analysis.StateCounts;
import dev.tcpstates.jfr.analysis.Summary;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** Shows a summary on one screen. */
public final class SummaryView {
  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int ADDRESS = 21;
  private static final String ALARM = "bold,red";

  private final Output out;
  private final Terminal terminal;
  private final int top;

  /**
   * @param top how many lines each list has
   */
  public SummaryView(Output out, Terminal terminal, int top) {
    this.out = out;
    this.terminal = terminal;
    this.top = top;
  }

  public void show(Summary summary) {
    recording(summary);
    agent(summary);
    if (summary.startTime() == null) {
      return;
    }
    states(summary);
    connections(summary);
    handshakes(summary);
    listeners(summary);
    failures(summary);
    leaks(summary);
    churn(summary);
  }

  private void recording(Summary summary) {
    if (summary.startTime() == null) {
      out.line("The recording has no event of the agent, nor its time span.");
      return;
    }
    List<JvmInfo> jvms = summary.jvms();
    out.line(
        jvms.isEmpty()
            ? "JVM not known (no jdk.JVMInformation event)"
            : jvms.size() > 1
                ? jvms.size() + " JVMs, summed up"
                : "JVM " + jvms.get(0).pid() + " " + TextTable.clean(jvms.get(0).mainClass()));
    out.line(
        DAY_AND_TIME.format(summary.startTime())
            + " to "
            + TIME.format(summary.endTime())
            + " ("
            + Words.duration(Duration.between(summary.startTime(), summary.endTime()))
            + "), "
            + Words.count(summary.chunks(), "chunk"));
  }

  private void agent(Summary summary) {
    AgentInfo agent = summary.agent();
    if (agent == null) {
      alarm("NO AGENT: there is no tcpstates.AgentState event. Start the JVM with -javaagent.");
    } else if (!agent.attached()) {
      alarm("THE AGENT DID NOT RECORD: " + TextTable.clean(agent.reason()));
    } else {
      out.line(
          "agent "
              + TextTable.clean(agent.version())
              + ", kernel "
              + TextTable.clean(agent.kernel())
              + (isLossless(summary) ? ", nothing lost" : ""));
    }
    summary.sampled().forEach(this::alarm);
    if (agent != null
        && agent.attached()
        && !agent.isSampled()
        && !"KERNEL".equals(agent.clock())) {
      alarm("TIMES ARE LATE: this JVM lets no event have the kernel's time.");
    }
    summary.missing().forEach(events -> out.line("Not recorded: " + TextTable.clean(events)));
    for (Loss loss : summary.losses()) {
      alarm(
          "LOST "
              + loss.count()
              + " "
              + TextTable.clean(loss.lostType())
              + " ("
              + TextTable.clean(loss.reason())
              + "), "
              + TIME.format(loss.from())
              + " to "
              + TIME.format(loss.to())
              + ": what follows is incomplete");
    }
    if (summary.bytesLost() != null) {
      alarm(summary.bytesLost().words() + ": what follows may be incomplete");
    }
    if (summary.unknownEnds() > 0) {
      alarm(Words.count(summary.unknownEnds(), "socket") + " ended without an event of it");
    }
  }

  private static boolean isLossless(Summary summary) {
    return summary.losses().isEmpty() && summary.bytesLost() == null;
  }

  private void alarm(String line) {
    out.line(terminal.styled(ALARM, TextTable.clean(line)));
  }

  private void states(Summary summary) {
    out.line("");
    TextTable table =
        new TextTable(out, terminal).left("STATE", 12).right("NOW", 6).right("PEAK", 6);
    table.left(
        summary.stretch().isZero()
            ? "OVER TIME"
            : "OVER TIME, "
                + Words.duration(summary.stretch().multipliedBy(Sparkline.stretches(width())))
                + " each",
        0);
    if (summary.states().isEmpty()) {
      out.line("No socket was in any state.");
    }
    for (StateCounts state : summary.states()) {
      table.row(
          state.state().name(),
          Integer.toString(state.now()),
          Integer.toString(state.peak()),
          Sparkline.of(state.overTime(), width()));
    }
  }

  /** What the columns of states leave. */
  private int width() {
    return Math.min(64, terminal.columns() - 28);
  }

  private void connections(Summary summary) {
    Summary.Connections connections = summary.connections();
    Summary.Segments segments = summary.segments();
    Summary.Bytes bytes = summary.bytes();
    out.line("");
    out.line(
        String.format(
            Locale.ROOT,
            summary.isSampled()
                ? "%,d opened to connect (at least %,d failed), %,d accepted, %,d older;"
                    + " at least %,d ended, at most %,d open"
                : "%,d connected (%,d failed), %,d accepted, %,d older; %,d ended, %,d open",
            connections.connected(),
            connections.failed(),
            connections.accepted(),
            connections.before(),
            connections.ended(),
            connections.open()));
    out.line(
        (summary.isSampled() ? "At least: sent " : "Sent ")
            + Words.bytes(bytes.sent())
            + ", received "
            + Words.bytes(bytes.received())
            + (bytes.unread() > 0 ? " (" + Words.bytes(bytes.unread()) + " unread)" : "")
            + (bytes.open() > 0 ? "; open ones so far " + Words.bytes(bytes.open()) : "")
            + "; "
            + Words.count(segments.retransmits(), "retransmit")
            + (segments.retransmits() > 0
                ? " by " + Words.count(segments.retransmitting(), "connection")
                : "")
            + (segments.resetsSent() + segments.resetsReceived() > 0
                ? "; resets "
                    + segments.resetsSent()
                    + " sent, "
                    + segments.resetsReceived()
                    + " received"
                : ""));
  }

  private void handshakes(Summary summary) {
    if (summary.connecting().count() + summary.accepting().count() == 0) {
      out.line(
          summary.isSampled()
              ? "How long handshakes took is not recorded."
              : "No handshake: no connection that has ended was established.");
      return;
    }
    out.line("");
    TextTable table = percentiles("HANDSHAKES", ADDRESS).left("OPENED BY", 0);
    percentileRow(table, "connecting", summary.connecting(), " ");
    percentileRow(table, "accepting", summary.accepting(), " ");
    int shown = 0;
    for (ConnectionInfo slow : summary.slowest()) {
      if (shown++ < top) {
        table.row(
            Words.address(slow.address(), slow.port()),
            " ",
            " ",
            " ",
            Words.duration(slow.handshakeTime()),
            TextTable.clean(slow.openedBy()));
      }
    }
  }

  private TextTable percentiles(String name, int width) {
    return new TextTable(out, terminal)
        .left(name, width)
        .right("N", 6)
        .right("P50", 7)
        .right("P99", 7)
        .right("MAX", 7);
  }

  private static void percentileRow(
      TextTable table, String name, Distribution times, String... rest) {
    if (times.count() > 0) {
      String[] row = new String[5 + rest.length];
      row[0] = name;
      row[1] = Long.toString(times.count());
      row[2] = Words.duration(times.p50());
      row[3] = Words.duration(times.p99());
      row[4] = Words.duration(times.max());
      System.arraycopy(rest, 0, row, 5, rest.length);
      table.row(row);
    }
  }

  private void listeners(Summary summary) {
    List<Summary.Listener> used =
        summary.listeners().stream()
            .filter(
                listener ->
                    listener.queueWait().count() > 0
                        || listener.longestQueue() > 0
                        || listener.drops() > 0)
            .toList();
    if (used.isEmpty()) {
      return;
    }
    out.line("");
    TextTable table =
        percentiles("ACCEPT", 6)
            .right("LEFT", 4)
            .right("QUEUE", 5)
            .right("DROPS", 5)
            .left("LISTENER", 0);
    for (Summary.Listener listener : used.subList(0, Math.min(top, used.size()))) {
      table.row(
          listener.localPort() == 0 ? "others" : ":" + listener.localPort(),
          Long.toString(listener.queueWait().count()),
          Words.duration(listener.queueWait().p50()),
          Words.duration(listener.queueWait().p99()),
          Words.duration(listener.queueWait().max()),
          Long.toString(listener.unaccepted()),
          listener.longestQueue() + "/" + listener.queueLimit(),
          Long.toString(listener.drops()),
          listener.line());
    }
    more(used.size());
  }

  private void failures(Summary summary) {
    list(
        summary.isSampled()
            ? "Whether a connection failed or was reset is not recorded."
            : "No connection failed or was reset.",
        summary.failures(),
        new TextTable(out, terminal)
            .left("FAILED BY", 15)
            .right("N", 6)
            .dispensable("REASON", 12)
            .left("THE LAST TO", ADDRESS)
            .left("OPENED BY", 0),
        (table, failure) ->
            table.row(
                Words.name(failure.end()),
                Long.toString(failure.count()),
                failure.reason(),
                Words.address(failure.address(), failure.port()),
                failure.line()));
  }

  private void leaks(Summary summary) {
    list(
        summary.isSampled()
            ? "No poll found a socket stuck, or in CLOSE_WAIT when the last chunk began."
            : "No socket was left in CLOSE_WAIT, or stuck.",
        summary.leaks(),
        new TextTable(out, terminal)
            .left("LEAKED IN", 12)
            .right("N", 6)
            .right("LONGEST", 8)
            .left("THAT ONE TO", ADDRESS)
            .left("OPENED BY", 0),
        (table, leak) ->
            table.row(
                Words.name(leak.state()),
                Long.toString(leak.count()),
                Words.duration(leak.longest()),
                Words.address(leak.address(), leak.port()),
                leak.line()));
  }

  private void churn(Summary summary) {
    list(
        summary.isSampled()
            ? "No socket was opened to connect or accepted."
            : "No connection was made or accepted.",
        summary.churn(),
        new TextTable(out, terminal)
            .left("CHURN", 8)
            .right("OPENED", 7)
            .right("ENDED", 7)
            .right("<100 ms", 8)
            .left("OPENED BY", 0),
        (table, churn) ->
            table.row(
                churn.kind().name(),
                Long.toString(churn.opened()),
                Long.toString(churn.ended()),
                churn.ended() == 0 || summary.isSampled()
                    ? "-"
                    : String.format(
                        Locale.ROOT, "%.0f %%", 100.0 * churn.shortLived() / churn.ended()),
                churn.line()));
  }

  private <T> void list(
      String none, List<T> values, TextTable table, BiConsumer<TextTable, T> row) {
    if (values.isEmpty()) {
      out.line(none);
      return;
    }
    out.line("");
    values.stream().limit(top).forEach(value -> row.accept(table, value));
    more(values.size());
  }

  private void more(int count) {
    if (count > top) {
      out.line("  and " + (count - top) + " more; see --top");
    }
  }
}
