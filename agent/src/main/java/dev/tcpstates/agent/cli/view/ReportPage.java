// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Lifeline;
import dev.tcpstates.jfr.analysis.Lifelines;
import dev.tcpstates.jfr.analysis.Opener;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.StateCounts;
import dev.tcpstates.jfr.analysis.Summary;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A page about a recording as one self-contained file: {@code report.html} with the data, and the
 * chart library uPlot.
 */
public final class ReportPage {
  private static final String DATA = "{\"sockets\":[]}";

  /** The page's data; times in microseconds from {@code start}. */
  private record Data(
      String recording,
      String jvm,
      long startMillis,
      long length,
      List<String> warnings,
      List<String> findings,
      boolean nothingRecorded,
      long stretch,
      List<StateCounts> states,
      List<TcpState> stateNames,
      List<Site> sites,
      List<String> threads,
      long omitted,
      List<Socket> sockets) {}

  /** A line of code that opened sockets. */
  private record Site(String line, String kind, List<String> frames) {}

  /**
   * A socket.
   *
   * @param states the index of each state, and when the socket entered it
   */
  private record Socket(
      String id,
      int site,
      int thread,
      String kind,
      String local,
      String remote,
      long end,
      boolean open,
      List<Long> states,
      String how,
      Long handshake,
      Long queueWait,
      long bytes,
      int retransmits) {}

  private final List<String> recordings;
  private final Summary summary;
  private final List<Lifeline> lines;
  private final long omitted;
  private final List<ReadProblem> problems;
  private final Instant start;
  private final Map<Opener, Integer> sites = new LinkedHashMap<>();
  private final Map<String, Integer> threads = new LinkedHashMap<>();

  /**
   * @param problems what could not be read
   */
  public ReportPage(
      List<String> recordings, Summary summary, Lifelines lifelines, List<ReadProblem> problems) {
    this.recordings = recordings;
    this.summary = summary;
    this.lines = lifelines.result();
    this.omitted = lifelines.omitted();
    this.problems = problems;
    Instant first = summary.startTime() == null ? Instant.EPOCH : summary.startTime();
    this.start =
        lines.isEmpty() || lines.get(0).start().isAfter(first) ? first : lines.get(0).start();
  }

  /** Returns the page. */
  public String html() {
    // No text of the data can end the script element.
    String data = RecordWriter.json(data()).replace("<", "\\u003c");
    return FlameGraph.resource("report.html")
        .replace("/*uPlot.css*/", FlameGraph.resource("uPlot.min.css"))
        .replace("/*uPlot.js*/", FlameGraph.resource("uPlot.iife.min.js"))
        .replace("/*flame.css*/", FlameGraph.resource("flame.css"))
        .replace("/*flame.js*/", FlameGraph.resource("flame.js"))
        .replace(DATA, data);
  }

  private Data data() {
    List<Socket> sockets = lines.stream().map(this::socket).toList();
    Instant end = summary.endTime() == null ? start : summary.endTime();
    return new Data(
        String.join(", ", recordings),
        jvm(),
        start.toEpochMilli(),
        micros(Duration.between(start, end)),
        warnings(),
        summary.findings(),
        summary.isEmpty(),
        micros(summary.stretch()),
        summary.states(),
        List.of(TcpState.values()),
        sites.keySet().stream()
            .map(site -> new Site(site.line(), Words.name(site.kind()), site.frames()))
            .toList(),
        List.copyOf(threads.keySet()),
        omitted,
        sockets);
  }

  private String jvm() {
    List<JvmInfo> jvms = summary.jvms();
    return switch (jvms.size()) {
      case 0 -> "JVM unknown";
      case 1 -> jvms.get(0).pid() + " " + jvms.get(0).mainClass();
      default -> jvms.size() + " JVMs";
    };
  }

  /** Why something may be missing from the page. */
  private List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (summary.agent() == null) {
      warnings.add("There is no tcpstates.AgentState event: start the JVM with -javaagent.");
    } else if (!summary.agent().attached()) {
      warnings.add("The agent did not record: " + summary.agent().reason());
    }
    warnings.addAll(summary.sampled());
    summary.missing().forEach(events -> warnings.add("Not recorded: " + events));
    for (Loss loss : summary.losses()) {
      warnings.add("Lost: %d %s (%s)".formatted(loss.count(), loss.lostType(), loss.reason()));
    }
    if (summary.bytesLost() != null) {
      warnings.add(summary.bytesLost().words());
    }
    problems.forEach(problem -> warnings.add(problem.reason()));
    if (omitted > 0) {
      warnings.add(Words.count(omitted, "socket") + " not shown; see --sockets");
    }
    return warnings;
  }

  private Socket socket(Lifeline line) {
    SocketLife life = line.life();
    SocketEvent last = life.last();
    ConnectionInfo connection = life.connection();
    long from = micros(Duration.between(start, line.start()));
    List<Long> states = new ArrayList<>();
    for (Lifeline.Stay stay : line.stays()) {
      states.add((long) stay.state().ordinal());
      states.add(from + micros(stay.from()));
    }
    String how =
        connection == null
            ? null
            : connection.end() + (connection.reason() == null ? "" : " " + connection.reason());
    return new Socket(
        Long.toHexString(life.socketId()),
        number(sites, life.opener()),
        number(threads, life.thread() == null ? "?" : life.thread()),
        Words.name(life.kind()),
        Words.address(last.localAddress(), last.localPort()),
        life.isListener() ? "" : Words.address(last.address(), last.port()),
        micros(Duration.between(start, line.end())),
        line.isOpen(),
        states,
        how,
        life.handshake() == null ? null : micros(life.handshake()),
        life.acceptQueueWait() == null ? null : micros(life.acceptQueueWait()),
        life.bytes(),
        life.retransmits());
  }

  private static <T> int number(Map<T, Integer> numbers, T key) {
    Integer number = numbers.putIfAbsent(key, numbers.size());
    return number == null ? numbers.size() - 1 : number;
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }
}
