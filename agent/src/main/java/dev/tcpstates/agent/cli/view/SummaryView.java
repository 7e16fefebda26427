// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.analysis.Distribution;
import dev.tcpstates.jfr.analysis.StateCounts;
import dev.tcpstates.jfr.analysis.Summary;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Prints a summary on one screen. */
public final class SummaryView {
  private static final DateTimeFormatter DAY_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int ADDRESS = 21;
  private static final int THREAD = 20;

  /** The width of the columns of the states before the bars. */
  private static final int COLUMNS_OF_STATES = 28;

  /** How many findings are printed. */
  private static final int FINDINGS = 2;

  private static final String ALARM = "bold,red";

  private final Output out;
  private final Terminal terminal;
  private final int top;
  private final boolean wide;

  /**
   * @param top the maximal number of lines of each list
   * @param wide whether tables have all columns, even if the terminal wraps their rows
   */
  public SummaryView(Output out, Terminal terminal, int top, boolean wide) {
    this.out = out;
    this.terminal = terminal;
    this.top = top;
    this.wide = wide;
  }

  public void show(Summary summary) {
    recording(summary);
    agent(summary);
    if (summary.isEmpty()) {
      return; // "no connection failed" would be a claim about what nobody observed
    }
    findings(summary);
    states(summary);
    connections(summary);
    handshakes(summary);
    listeners(summary);
    failures(summary);
    leaks(summary);
    growth(summary);
    churn(summary);
  }

  /** What is wrong, or what was looked at in vain. */
  private void findings(Summary summary) {
    List<String> findings = summary.findings();
    if (summary.agent() == null || !summary.agent().attached()) {
      return;
    }
    out.line("");
    if (!findings.isEmpty()) {
      findings.stream()
          .limit(FINDINGS)
          .flatMap(finding -> terminal.wrap("! " + Table.clean(finding), 2).stream())
          .forEach(line -> out.line(terminal.styled(ALARM, line)));
      if (findings.size() > FINDINGS) {
        out.line("  and " + Words.count(findings.size() - FINDINGS, "more finding") + ", below");
      }
      return;
    }
    Summary.Connections connections = summary.connections();
    long all = connections.connected() + connections.accepted() + connections.before();
    String text =
        all == 0
            ? "Nothing to judge: the recording has no connection"
            : "Nothing found in "
                + Words.count(all, "connection")
                + ": looked for failed connects, resets, growth, and at the end for sockets in"
                + " CLOSE_WAIT or without progress for stuckAfter";
    boolean complete = isComplete(summary);
    text(text + (complete ? "." : "; but the recording is incomplete, see above."));
    if (all > 0) {
      text(
          "A connection that waits for an answer looks like an idle one: in a running JVM, sockets"
              + " --threads shows the threads that wait.");
    }
  }

  private static boolean isComplete(Summary summary) {
    return summary.losses().isEmpty()
        && summary.bytesLost() == null
        && summary.unknownEnds() == 0
        && summary.missing().isEmpty()
        && !summary.isSampled();
  }

  private void recording(Summary summary) {
    if (summary.startTime() == null) {
      out.line("The recording has no event of the agent, and no time span.");
      return;
    }
    List<JvmInfo> jvms = summary.jvms();
    out.line(
        switch (jvms.size()) {
          case 0 -> "JVM unknown (no jdk.JVMInformation event)";
          case 1 -> "JVM " + jvms.get(0).pid() + " " + Table.clean(jvms.get(0).mainClass());
          default -> jvms.size() + " JVMs, summed up";
        });
    out.line(
        "%s to %s (%s), %s"
            .formatted(
                DAY_AND_TIME.format(summary.startTime()),
                TIME.format(summary.endTime()),
                Words.duration(Duration.between(summary.startTime(), summary.endTime())),
                Words.count(summary.chunks(), "chunk")));
  }

  private void agent(Summary summary) {
    AgentInfo agent = summary.agent();
    boolean attached = agent != null && agent.attached();
    if (attached) {
      boolean lossless = summary.losses().isEmpty() && summary.bytesLost() == null;
      text(
          "agent %s, kernel %s%s"
              .formatted(
                  Table.clean(agent.version()),
                  Table.clean(agent.kernel()),
                  lossless ? ", nothing lost" : ""));
    } else {
      alarm(
          agent == null
              ? "NO AGENT: there is no tcpstates.AgentState event. Start the JVM with -javaagent."
              : "THE AGENT DID NOT RECORD: " + Table.clean(agent.reason()));
    }
    summary.sampled().forEach(this::alarm);
    if (attached && !agent.isSampled() && !"KERNEL".equals(agent.clock())) {
      alarm("TIMES ARE LATE: in this JVM, events can't have the kernel's time.");
    }
    summary.missing().forEach(events -> text("Not recorded: " + Table.clean(events)));
    for (Loss loss : summary.losses()) {
      alarm(
          "LOST %s %s (%s), %s to %s: what follows is incomplete"
              .formatted(
                  loss.count(),
                  Table.clean(loss.lostType()),
                  Table.clean(loss.reason()),
                  TIME.format(loss.from()),
                  TIME.format(loss.to())));
    }
    if (summary.bytesLost() != null) {
      alarm(summary.bytesLost().words() + ": what follows may be incomplete");
    }
    if (summary.unknownEnds() > 0) {
      alarm(Words.count(summary.unknownEnds(), "socket") + " ended without an event of it");
    }
  }

  private void alarm(String line) {
    terminal.wrap(Table.clean(line), 2).forEach(part -> out.line(terminal.styled(ALARM, part)));
  }

  private void text(String text) {
    terminal.wrap(text, 2).forEach(out::line);
  }

  private <T> Table<T> table() {
    return new Table<T>(out, terminal, false).wide(wide);
  }

  private void states(Summary summary) {
    int width = Math.min(64, terminal.columns() - COLUMNS_OF_STATES);
    Duration perBar = summary.stretch().multipliedBy(Sparkline.stretches(width));
    list(
        "\nNo socket was in any state.",
        summary.states(),
        Integer.MAX_VALUE,
        this.<StateCounts>table()
            .left("STATE", 12, StateCounts::state)
            .right("NOW", 6, StateCounts::now)
            .right("PEAK", 6, StateCounts::peak)
            .left(
                "OVER TIME" + (perBar.isZero() ? "" : ", " + Words.duration(perBar) + " each"),
                0,
                state -> Sparkline.of(state.overTime(), width)));
  }

  private void connections(Summary summary) {
    Summary.Connections connections = summary.connections();
    Summary.Segments segments = summary.segments();
    Summary.Bytes bytes = summary.bytes();
    out.line("");
    text(
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
    StringBuilder line = new StringBuilder(summary.isSampled() ? "At least: sent " : "Sent ");
    line.append(Words.bytes(bytes.sent())).append(", received ");
    line.append(Words.bytes(bytes.received()));
    if (bytes.unread() > 0) {
      line.append(" (").append(Words.bytes(bytes.unread())).append(" unread)");
    }
    if (bytes.open() > 0) {
      line.append("; open ones so far ").append(Words.bytes(bytes.open()));
    }
    line.append("; ").append(Words.count(segments.retransmits(), "retransmit"));
    if (segments.retransmits() > 0) {
      line.append(" by ").append(Words.count(segments.retransmitting(), "connection"));
    }
    if (segments.resetsSent() + segments.resetsReceived() > 0) {
      line.append("; resets ").append(segments.resetsSent()).append(" sent, ");
      line.append(segments.resetsReceived()).append(" received");
    }
    text(line.toString());
  }

  /** A row of the handshakes: those of one side, or a slow one, which has a maximum only. */
  private record Handshakes(String name, Distribution times, String openedBy) {
    static Handshakes of(Summary.Handshake slow) {
      return new Handshakes(
          Words.address(slow.address(), slow.port()),
          new Distribution(0, null, null, slow.time(), true),
          slow.openedBy());
    }
  }

  private void handshakes(Summary summary) {
    List<Handshakes> rows = new ArrayList<>();
    rows.add(new Handshakes("connecting", summary.connecting(), " "));
    rows.add(new Handshakes("accepting", summary.accepting(), " "));
    rows.removeIf(row -> row.times.count() == 0);
    if (rows.isEmpty()) {
      out.line(
          summary.isSampled()
              ? "How long handshakes took is not recorded."
              : "No handshake: no connection was established.");
      return;
    }
    summary.slowest().stream().limit(top).map(Handshakes::of).forEach(rows::add);
    out.line("");
    rows.forEach(
        percentiles(
                this.<Handshakes>table().left("HANDSHAKES", ADDRESS, Handshakes::name),
                Handshakes::times)
            .left("OPENED BY", 0, Handshakes::openedBy)
            .drop("P50", "P99"));
  }

  private static <T> Table<T> percentiles(Table<T> table, Function<T, Distribution> times) {
    return table
        .right("N", 6, row -> times.apply(row).p50() == null ? " " : times.apply(row).count())
        .right("P50", 7, row -> duration(times.apply(row).p50()))
        .right("P99", 7, row -> duration(times.apply(row).p99()))
        .right("MAX", 7, row -> duration(times.apply(row).max()));
  }

  private static String duration(Duration duration) {
    return duration == null ? " " : Words.duration(duration);
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
    if (!used.isEmpty()) {
      list(
          "",
          used,
          top,
          percentiles(
                  this.<Summary.Listener>table()
                      .left("ACCEPT", 6, l -> l.localPort() == 0 ? "others" : ":" + l.localPort()),
                  Summary.Listener::queueWait)
              .left("WAIT", 4, Summary.Listener::waiting)
              .right("LEFT", 4, Summary.Listener::unaccepted)
              .right("QUEUE", 5, l -> l.longestQueue() + "/" + l.queueLimit())
              .right("DROPS", 5, Summary.Listener::drops)
              .left("LISTENER", 0, Summary.Listener::line)
              .drop("WAIT", "P50", "LEFT", "P99"));
    }
  }

  private void failures(Summary summary) {
    list(
        summary.isSampled()
            ? "Whether a connection failed or was reset is not recorded."
            : "No connection failed or was reset.",
        summary.failures(),
        top,
        this.<Summary.Failure>table()
            .left("FAILED BY", 15, Summary.Failure::end)
            .right("N", 6, Summary.Failure::count)
            .left("REASON", 17, Summary.Failure::reason)
            .left("TOOK", 7, failure -> optional(failure.longest()))
            .left("IDLE", 7, failure -> optional(failure.idle()))
            .left("THE LAST TO", ADDRESS, f -> Words.address(f.address(), f.port()))
            .left("THREAD", THREAD, failure -> threads(failure.threads()))
            .left("OPENED BY", 0, Summary.Failure::line)
            .drop("THREAD", "IDLE", "TOOK", "REASON"));
  }

  private void leaks(Summary summary) {
    list(
        summary.isSampled()
            ? "No poll found a socket stuck, or in CLOSE_WAIT when the last chunk began."
            : "No socket was in CLOSE_WAIT at the end, or reported as stuck.",
        summary.leaks(),
        top,
        this.<Summary.Leak>table()
            .left("STUCK", 14, Summary.Leak::cause)
            .left("IN", 11, Summary.Leak::state)
            .right("N", 6, Summary.Leak::count)
            .right("LONGEST", 8, leak -> Words.duration(leak.longest()))
            .left("UNACKED", 8, leak -> bytes(leak.bytesUnacknowledged()))
            .left("UNREAD", 8, leak -> bytes(leak.bytesUnread()))
            .left("RETRANS", 7, leak -> count(leak.retransmits()))
            .left("GIVES UP", 8, leak -> optional(leak.givesUpIn()))
            .left("THAT ONE TO", ADDRESS, leak -> Words.address(leak.address(), leak.port()))
            .left("THREAD", THREAD, leak -> threads(leak.threads()))
            .left("OPENED BY", 0, Summary.Leak::line)
            .drop("THREAD", "RETRANS", "UNREAD", "UNACKED", "GIVES UP", "IN"));
  }

  private void growth(Summary summary) {
    if (!summary.growth().isEmpty()) {
      list(
          "",
          summary.growth(),
          top,
          this.<Summary.Growth>table()
              .left("GROWTH", 7, Summary.Growth::kind)
              .right("OPEN", 6, Summary.Growth::open)
              .right("ENDED", 6, Summary.Growth::ended)
              .right("OVER", 7, growth -> Words.duration(growth.over()))
              .left("TO", ADDRESS, Summary.Growth::remote)
              .left("THREAD", THREAD, growth -> threads(growth.threads()))
              .left("OPENED BY", 0, Summary.Growth::line)
              .drop("THREAD", "OVER"));
    }
  }

  private static String optional(Duration duration) {
    return duration == null ? null : Words.duration(duration);
  }

  private static String threads(List<String> threads) {
    String names = String.join(", ", threads);
    return names.length() <= THREAD ? names : names.substring(0, THREAD - 3) + "...";
  }

  private static String bytes(long bytes) {
    return bytes == 0 ? null : Words.bytes(bytes);
  }

  private static String count(long count) {
    return count == 0 ? null : String.format(Locale.ROOT, "%,d", count);
  }

  private void churn(Summary summary) {
    list(
        summary.isSampled()
            ? "No socket was opened to connect or accepted."
            : "No connection was made or accepted.",
        summary.churn(),
        top,
        this.<Summary.Churn>table()
            .left("CHURN", 8, Summary.Churn::kind)
            .right("OPENED", 7, Summary.Churn::opened)
            .right("ENDED", 7, Summary.Churn::ended)
            .right("<100 ms", 7, churn -> summary.isSampled() ? "-" : shortLived(churn))
            .left("TO", ADDRESS, Summary.Churn::remote)
            .left("THREAD", THREAD, churn -> threads(churn.threads()))
            .left("OPENED BY", 0, Summary.Churn::line)
            .drop("THREAD", "<100 ms", "ENDED"));
  }

  private static String shortLived(Summary.Churn churn) {
    return churn.ended() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.0f %%", 100.0 * churn.shortLived() / churn.ended());
  }

  private <T> void list(String none, List<T> rows, int limit, Table<T> table) {
    if (rows.isEmpty()) {
      text(none);
      return;
    }
    out.line("");
    rows.stream().limit(limit).forEach(table);
    if (rows.size() > limit) {
      out.line("  and " + (rows.size() - limit) + " more; see --top");
    }
  }
}
