// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Exit;
import dev.tcpstates.agent.cli.view.JvmColumns;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Rows;
import dev.tcpstates.agent.cli.view.Terminal;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThroughputInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** The busiest sockets of each interval, as bcc's tcptop prints them. */
@Command(
    name = "top",
    synopsisHeading = "usage: ",
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    description = {
      "Prints what the busiest sockets moved, as bcc's tcptop does, with who opened them."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar top app.jfr",
      "  java -jar tcpstates-agent.jar top -i 60 -r 5 app.jfr   the five busiest of each minute",
      "  java -jar tcpstates-agent.jar top -S sent 4711         of a running JVM, each second"
    })
final class TopCommand implements Callable<Integer>, TcpEventHandler {
  private static final double KB = 1024;
  private static final String CLEAR = "\033[H\033[2J";

  /** In place of a socket's id, that of all that were less busy than those with an event. */
  private static final long OTHERS = 0;

  /** The events of one look at the sockets come within this time. */
  private static final Duration ONE_LOOK = Duration.ofMillis(200);

  /** By what to sort. */
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

  @ParentCommand private Main parent;
  @Mixin private EventSource source;
  @Mixin private RowFilter filter;

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "<seconds>",
      description =
          "how long an interval is (default: as long as the recording's own, or a second of a JVM"
              + " that runs)")
  private int interval;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "<intervals>",
      description = "only so many intervals")
  private int count = Integer.MAX_VALUE;

  @Option(
      names = {"-r", "--rows"},
      paramLabel = "<rows>",
      description = "how many sockets of each interval (default: ${DEFAULT-VALUE})")
  private int rows = 20;

  @Option(
      names = {"-S", "--sort"},
      paramLabel = "<bytes>",
      description = "by all, sent or received (default: ${DEFAULT-VALUE})")
  private Sort sort = Sort.all;

  @Option(
      names = {"-C", "--noclear"},
      description = "doesn't clear the screen")
  private boolean noClear;

  @Mixin private RecordFormat format;

  private final JvmColumns jvm = new JvmColumns();
  private final Map<Long, Moved> moved = new LinkedHashMap<>();
  private RowSink<ThroughputInfo> records;
  private Output out;
  private Instant first;
  private Instant last;
  private Duration length = Duration.ZERO;
  private int printed;

  /** There is nothing more to be printed. */
  private static final class EnoughException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public Integer call() {
    try (Output standard = Output.standard()) {
      out = standard;
      records = format.records(out, ThroughputInfo.class);
      int seconds = Math.max(1, interval);
      int exit = source.read(parent, out, this, "tcpstates.Throughput#period=" + seconds + "s");
      print();
      if (records != null) {
        records.end();
      }
      return exit;
    } catch (EnoughException e) {
      return Exit.OK;
    }
  }

  @Override
  public void jvm(JvmInfo info) {
    jvm.set(info);
  }

  @Override
  public void throughput(ThroughputInfo info) {
    if (!filter.accepts(info)) {
      return;
    }
    if (records != null) {
      records.accept(info);
      return;
    }
    if (first != null && isOver(info)) {
      print();
    }
    if (first == null) {
      first = info.time();
    }
    last = info.time();
    length = info.interval();
    Moved sum = moved.computeIfAbsent(info.socketId(), id -> new Moved());
    sum.last = info;
    sum.pid = jvm.pid();
    sum.comm = jvm.comm();
    sum.sent += info.bytesSent();
    sum.received += info.bytesReceived();
  }

  /** Whether an event is of another interval than those before: of a later look, if each is one. */
  private boolean isOver(ThroughputInfo info) {
    Duration half = length.dividedBy(2);
    Duration looks = Duration.ofSeconds(interval).minus(length);
    Duration limit = looks.isNegative() ? half : looks.plus(half);
    return Duration.between(first, info.time()).compareTo(limit) > 0;
  }

  @Override
  public void flushed() {
    boolean complete = last != null && Instant.now().minus(ONE_LOOK).isAfter(last);
    if (source.isLive() && records == null && complete) {
      print();
    }
  }

  private void print() {
    if (first == null) {
      return;
    }
    Terminal terminal = parent.terminal();
    boolean clear = source.isLive() && !noClear && terminal.isTerminal();
    out.line((clear ? CLEAR : printed > 0 ? "\n" : "") + RowOptions.timeOfDay(last));
    Rows<Moved> table = new Rows<>(out, terminal, false);
    table
        .left("PID", 7, m -> m.pid)
        .dispensable("COMM", 15, m -> m.comm)
        .left("LADDR", 21, TopCommand::local)
        .left("RADDR", 21, TopCommand::remote)
        .right("RX_KB", 9, m -> RowOptions.decimal(m.received / KB, 0))
        .right("TX_KB", 9, m -> RowOptions.decimal(m.sent / KB, 0))
        .left("OPENED BY", 0, m -> m.last.openedBy());
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
        ? moved.last.sockets() + " others"
        : Endpoint.text(moved.last.address(), moved.last.port());
  }
}
