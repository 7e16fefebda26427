// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.agent.cli.view.Endpoint;
import dev.tcpstates.agent.cli.view.Output;
import dev.tcpstates.agent.cli.view.RecordFormat;
import dev.tcpstates.agent.cli.view.RowSink;
import dev.tcpstates.agent.cli.view.Table;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.StackText;
import dev.tcpstates.jfr.analysis.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the sockets that are open, as ss does. */
@Command(
    name = "sockets",
    description = {
      "Prints each open socket of a running JVM, or at the end of recordings, as ss does.",
      "",
      "AGE is how long the socket has been in its state; > marks a socket that is older than the"
          + " agent. RECV-Q is what the application has not read, SEND-Q what the peer has not"
          + " acknowledged. For a listener, RECV-Q is the number of connections that wait for"
          + " accept, and SEND-Q is the limit. SENT and RECEIVED are the times since payload was"
          + " last sent and received. WHY is the cause if the socket is stuck. OPENED BY is the"
          + " line of code that opened the socket. A connection that waits for accept has a row"
          + " only if an event of the recording has it.",
      "",
      "--threads adds the column WAITING: the thread that waits for the socket now, in a system"
          + " call such as read, poll or epoll_wait, and prints the stacks of these threads below"
          + " the table. The JDK's thread that polls for virtual threads stands for the"
          + " virtual thread that waits. For a running JVM, --threads takes one thread dump, for"
          + " which the JVM stops its threads once.",
      "",
      "In a recording, the queues and times of payload are those of the socket's last event that"
          + " has them, often the start of the last chunk. --threads needs the event"
          + " tcpstates.SocketWait, and for the stacks jdk.ThreadDump with the period endChunk."
    },
    footer = {
      "",
      "A narrow terminal drops columns in this order: LOCAL, SENT, RECEIVED, WHY, THREAD, WAITING."
          + " -w keeps them.",
      "",
      "Examples:",
      "  java -jar tcpstates-agent.jar sockets 4711",
      "  java -jar tcpstates-agent.jar sockets --stuck Shop   the JVM whose main class has 'Shop'",
      "  java -jar tcpstates-agent.jar sockets --stuck --threads Shop",
      "  java -jar tcpstates-agent.jar sockets --state CLOSE_WAIT --sort peer app.jfr"
    })
final class SocketsCommand extends RecordingsCommand {
  /** The order of the rows: the longest, or the greatest, first. */
  private enum Sort {
    age(longest(OpenSocketInfo::timeInState)),
    state(Comparator.comparing(OpenSocketInfo::state)),
    receive(greatest(OpenSocketInfo::receiveQueue)),
    send(greatest(OpenSocketInfo::sendQueue)),
    sent(longest(OpenSocketInfo::lastSent)),
    received(longest(OpenSocketInfo::lastReceived)),
    peer(Comparator.comparing(SocketsCommand::peer)),
    opener(Comparator.comparing(OpenSocketInfo::openedBy));

    private final Comparator<OpenSocketInfo> order;

    Sort(Comparator<OpenSocketInfo> order) {
      this.order = order;
    }

    private static Comparator<OpenSocketInfo> longest(Function<OpenSocketInfo, Duration> time) {
      return Comparator.comparing(time, Comparator.nullsFirst(Comparator.<Duration>naturalOrder()))
          .reversed();
    }

    private static Comparator<OpenSocketInfo> greatest(Function<OpenSocketInfo, Long> bytes) {
      return Comparator.comparing(bytes, Comparator.nullsFirst(Comparator.<Long>naturalOrder()))
          .reversed();
    }
  }

  /** What shows which threads wait. The dump comes once, when the recording ends. */
  private static final List<String> WAITS =
      List.of(
          "tcpstates.SocketWait#enabled=true",
          "tcpstates.SocketWait#period=endChunk",
          "jdk.ThreadDump#enabled=true",
          "jdk.ThreadDump#period=endChunk");

  @Option(
      names = "--state",
      split = ",",
      paramLabel = "<state>",
      description = "print only sockets in these states, such as CLOSE_WAIT,SYN_SENT")
  private List<TcpState> states = List.of();

  @Option(
      names = "--stuck",
      description =
          "print only sockets in CLOSE_WAIT, those with a StuckSocket event, and those whose data"
              + " was not read or not acknowledged for 30 s")
  private boolean stuck;

  @Option(
      names = "--sort",
      paramLabel = "<column>",
      description =
          "age (default), state, receive, send, sent, received, peer or opener; times and queues:"
              + " the greatest first")
  private Sort sort = Sort.age;

  @Option(
      names = "--threads",
      description = "also print which thread waits for each socket, and its stack")
  private boolean threads;

  @Mixin private RowFilter filter;
  @Mixin private WideOption wide;
  @Mixin private RecordFormat format;

  @Override
  Duration defaultLength() {
    return Duration.ZERO;
  }

  @Override
  List<String> extraSettings() {
    return threads ? WAITS : List.of();
  }

  @Override
  public Integer call() {
    WaitModel waits = new WaitModel();
    OpenSocketModel model = new OpenSocketModel(waits);
    int exit = evaluate(paths -> new RecordingInput(terminal()).read(paths, waits, model));
    model.end();
    if (threads && waits.missing() != null) {
      System.err.println("which threads wait is unknown: " + waits.missing());
    }
    List<OpenSocketInfo> sockets =
        model.open().stream()
            .filter(socket -> states.isEmpty() || states.contains(socket.state()))
            .filter(socket -> !stuck || socket.cause() != null)
            .filter(
                socket ->
                    filter.accepts(
                        socket.localAddress(), socket.localPort(), socket.address(), socket.port()))
            .sorted(sort.order)
            .toList();
    try (Output out = Output.standard()) {
      RowSink<OpenSocketInfo> rows =
          format.open(out, OpenSocketInfo.class, () -> table(out, sockets));
      sockets.forEach(rows);
      rows.end();
      if (threads && format.isTable()) {
        stacks(sockets).forEach(out::line);
      }
    }
    return exit;
  }

  private Table<OpenSocketInfo> table(Output out, List<OpenSocketInfo> sockets) {
    Table<OpenSocketInfo> table =
        new Table<OpenSocketInfo>(out, terminal(), false)
            .wide(wide.isWide())
            .left("STATE", 11, OpenSocketInfo::state)
            .right("AGE", 8, socket -> (socket.atLeast() ? ">" : "") + time(socket.timeInState()))
            .right("RECV-Q", 7, socket -> queue(socket, socket.receiveQueue()))
            .right("SEND-Q", 7, socket -> queue(socket, socket.sendQueue()))
            .right("SENT", 8, socket -> time(socket.lastSent()))
            .right("RECEIVED", 8, socket -> time(socket.lastReceived()))
            .left("WHY", 14, OpenSocketInfo::cause)
            .left("LOCAL", width("LOCAL", sockets, SocketsCommand::local), SocketsCommand::local)
            .left("PEER", width("PEER", sockets, SocketsCommand::peer), SocketsCommand::peer)
            .left(
                "THREAD", width("THREAD", sockets, SocketsCommand::thread), SocketsCommand::thread);
    if (threads) {
      table.left(
          "WAITING", width("WAITING", sockets, SocketsCommand::waiting), SocketsCommand::waiting);
    }
    return table
        .left("OPENED BY", 0, OpenSocketInfo::openedBy)
        .drop("LOCAL", "SENT", "RECEIVED", "WHY", "THREAD", "WAITING");
  }

  private static String waiting(OpenSocketInfo socket) {
    return socket.waitingThread() == null
        ? "-"
        : socket.waitingThread() + " (" + socket.waitingCall() + ")";
  }

  /** Returns lines about each thread that waits. */
  private static List<String> stacks(List<OpenSocketInfo> sockets) {
    Set<List<String>> threads = new LinkedHashSet<>();
    for (OpenSocketInfo socket : sockets) {
      if (socket.waitingThread() != null) {
        List<String> lines = new ArrayList<>(List.of("", waits(socket)));
        if (socket.waitingStack().isEmpty()) {
          lines.add("    its stack is unknown");
        }
        StackText.lines(socket.waitingStack()).forEach(line -> lines.add("    " + line));
        threads.add(lines);
      }
    }
    return threads.stream()
        .flatMap(List::stream)
        .map(line -> line.isEmpty() ? line : Table.clean(line))
        .toList();
  }

  private static String waits(OpenSocketInfo socket) {
    return "thread \""
        + socket.waitingThread()
        + "\" waits in "
        + socket.waitingCall()
        + " for "
        + (socket.waitingSockets() > 1
            ? Words.count(socket.waitingSockets(), "socket")
            : socket.isListener() ? "connections to " + local(socket) : peer(socket));
  }

  private static int width(
      String name, List<OpenSocketInfo> sockets, Function<OpenSocketInfo, String> value) {
    return sockets.stream()
        .mapToInt(socket -> value.apply(socket).length())
        .reduce(name.length(), Math::max);
  }

  private static String thread(OpenSocketInfo socket) {
    return socket.openThread() == null ? "-" : socket.openThread();
  }

  private static String time(Duration time) {
    return time == null ? "-" : Words.duration(time);
  }

  private static String queue(OpenSocketInfo socket, Long length) {
    return length == null ? null : socket.isListener() ? "" + length : Words.bytes(length);
  }

  private static String local(OpenSocketInfo socket) {
    return Endpoint.text(socket.localAddress(), socket.localPort());
  }

  /** Returns the peer; of a listener, its own address. */
  private static String peer(OpenSocketInfo socket) {
    return socket.isListener() ? local(socket) : Endpoint.text(socket.address(), socket.port());
  }
}
