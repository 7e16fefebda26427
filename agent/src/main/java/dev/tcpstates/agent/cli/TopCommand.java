// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.ThroughputInfo;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the busiest sockets of each interval, as bcc's tcptop does. */
@Command(
    name = "top",
    description = {
      "Prints the sockets with the most traffic in each interval, in the columns of bcc's tcptop.",
      "",
      "RX and TX are the payload of the interval. OPENED BY is the line of code that opened the"
          + " socket."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: COMM, PID, LADDR. -w keeps them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar top app.jfr",
      "  java -jar tcpstates-agent.jar top -i 60 -r 5 app.jfr   the five busiest of each minute",
      "  java -jar tcpstates-agent.jar top -S sent 4711         of a running JVM, each second"
    })
final class TopCommand extends EventCommand {
  private static final String CLEAR = "\033[H\033[2J";

  /** The socket id of the event that sums up the sockets without an event of their own. */
  private static final long OTHERS = 0;

  /** The events of one snapshot come within this time. */
  private static final Duration ONE_SNAPSHOT = Duration.ofMillis(200);

  /** The bytes to sort by. */
  private enum Sort {
    all(moved -> moved.sent + moved.received),
    sent(moved -> moved.sent),
    received(moved -> moved.received);

    private final ToLongFunction<Moved> bytes;

    Sort(ToLongFunction<Moved> bytes) {
      this.bytes = bytes;
    }
  }

  private static final class Moved {
    ThroughputInfo last;
    String pid;
    String comm;
    long sent;
    long received;
  }

  @Mixin private RowFilter filter;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "<seconds>",
      description =
          "length of an interval (default: the period of the Throughput events; for a running JVM,"
              + " one second)")
  private int interval;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "<intervals>",
      description = "stop after this many intervals")
  private int count = Integer.MAX_VALUE;

  @Option(
      names = {"-r", "--rows"},
      paramLabel = "<rows>",
      description = "sockets per interval, at most (default: ${DEFAULT-VALUE})")
  private int rows = 20;

  @Option(
      names = {"-S", "--sort"},
      paramLabel = "<bytes>",
      description = "sort by all, sent or received bytes (default: ${DEFAULT-VALUE})")
  private Sort sort = Sort.all;

  @Option(
      names = {"-C", "--noclear"},
      description = "do not clear the screen between intervals")
  private boolean noClear;

  @Mixin private WideOption wide;
  @Mixin private RecordFormat format;

  private final Map<Long, Moved> moved = new LinkedHashMap<>();
  private RowSink<ThroughputInfo> records;
  private Output out;
  private Instant first;
  private Instant last;
  private Duration length = Duration.ZERO;
  private int printed;

  /** Ends the reading after the last interval that was asked for. */
  private static final class EnoughException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public Integer call() {
    require(interval >= 0, "the interval can't be negative: ", interval);
    require(count > 0, "the number of intervals must be at least 1, not ", count);
    require(rows > 0, "the number of rows must be at least 1, not ", rows);
    try (Output standard = Output.standard()) {
      out = standard;
      records = format.open(out, ThroughputInfo.class, () -> this::add);
      int seconds = Math.max(1, interval);
      int exit = read(out, "tcpstates.Throughput#period=" + seconds + "s");
      printInterval();
      records.end();
      return exit;
    } catch (EnoughException e) {
      return Exit.OK;
    }
  }

  private void require(boolean valid, String problem, int value) {
    if (!valid) {
      throw wrongUsage(problem + value);
    }
  }

  @Override
  public void throughput(ThroughputInfo info) {
    if (filter.accepts(info)) {
      records.accept(info);
    }
  }

  private void add(ThroughputInfo info) {
    if (first != null && isOver(info)) {
      printInterval();
    }
    if (first == null) {
      first = info.time();
    }
    last = info.time();
    length = info.interval();
    Moved sum = moved.computeIfAbsent(info.socketId(), id -> new Moved());
    sum.last = info;
    sum.pid = pid();
    sum.comm = comm();
    sum.sent += info.bytesSent();
    sum.received += info.bytesReceived();
  }

  /** Whether an event begins a new interval: by default, each snapshot is one. */
  private boolean isOver(ThroughputInfo info) {
    Duration half = length.dividedBy(2);
    Duration more = Duration.ofSeconds(interval).minus(length);
    Duration limit = more.isNegative() ? half : more.plus(half);
    return Duration.between(first, info.time()).compareTo(limit) > 0;
  }

  @Override
  public void flushed() {
    boolean complete = last != null && Instant.now().minus(ONE_SNAPSHOT).isAfter(last);
    if (isLive() && complete) {
      printInterval();
    }
  }

  private void printInterval() {
    if (first == null) {
      return;
    }
    boolean clear = isLive() && !noClear && terminal().isTerminal();
    out.line((clear ? CLEAR : printed > 0 ? "\n" : "") + RowOptions.timeOfDay(last));
    Table<Moved> table =
        new Table<Moved>(out, terminal(), false)
            .left("PID", 7, m -> m.pid)
            .left("COMM", 15, m -> m.comm)
            .left("LADDR", 21, TopCommand::local)
            .left("RADDR", 21, TopCommand::remote)
            .right("RX", 7, m -> Words.bytes(m.received))
            .right("TX", 7, m -> Words.bytes(m.sent))
            .left("OPENED BY", 0, m -> m.last.openerAndThread())
            .drop("COMM", "PID", "LADDR")
            .wide(wide.isWide());
    table.end();
    Moved others = moved.remove(OTHERS);
    moved.values().stream()
        .sorted(Comparator.comparingLong(sort.bytes).reversed())
        .limit(rows)
        .forEach(table);
    if (others != null) {
      table.accept(others);
    }
    moved.clear();
    first = null;
    if (++printed >= count) {
      out.flush();
      throw new EnoughException();
    }
  }

  private static String local(Moved moved) {
    return moved.last.socketId() == OTHERS
        ? null
        : Endpoint.text(moved.last.localAddress(), moved.last.localPort());
  }

  private static String remote(Moved moved) {
    return moved.last.socketId() == OTHERS
        ? Words.count(moved.last.sockets(), "other")
        : Endpoint.text(moved.last.address(), moved.last.port());
  }
}
