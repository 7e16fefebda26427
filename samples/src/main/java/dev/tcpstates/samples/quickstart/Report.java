// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.quickstart;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.TransitionTable;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Prints the transitions in a recording, and the code that opened the sockets in CLOSE_WAIT: the
 * peer has closed these, and they stay until this program closes them.
 */
public final class Report {
  /** Exit code for a recording without transitions, because the agent recorded none. */
  private static final int NOT_RECORDED = 2;

  private final TcpRecording recording;
  private final int columns;

  private Report(TcpRecording recording, int columns) {
    this.recording = recording;
    this.columns = columns;
  }

  /**
   * Prints to standard output.
   *
   * @param args the recording's file, and how many columns the terminal has
   */
  public static void main(String[] args) throws IOException {
    Report report = new Report(RecordingReader.read(Path.of(args[0])), Integer.parseInt(args[1]));
    String reason = report.whyNotRecorded();
    if (reason != null) {
      System.out.println("Nothing was recorded:\n\n" + report.wrap(reason));
      System.exit(NOT_RECORDED);
    }
    report.printTransitions();
    report.printLeaks();
  }

  private String whyNotRecorded() {
    List<AgentInfo> states = recording.agentStates();
    if (states.isEmpty()) {
      return "the JVM ran without the agent";
    }
    AgentInfo last = states.get(states.size() - 1);
    return last.attached() && !last.isSampled() ? null : last.reason();
  }

  private void printTransitions() throws IOException {
    List<Transition> transitions = recording.transitions();
    print(
        "What TCP did: %d state changes of %d sockets, as the kernel saw them"
            + " (MS: time in the old state)%n%n",
        transitions.size(), recording.timelines().size());
    TransitionTable.print(transitions, columns, System.out);
    System.out.println();
    for (Loss loss : recording.losses()) {
      print("%d more were lost (%s)%n%n", loss.count(), loss.reason());
    }
    for (DataLoss loss : recording.dataLosses()) {
      print("Flight Recorder lost %d bytes of events%n%n", loss.amount());
    }
  }

  private void printLeaks() {
    Map<String, List<SocketTimeline>> leaks =
        recording.timelines().stream()
            .filter(socket -> socket.lastState() == TcpState.CLOSE_WAIT)
            .collect(Collectors.groupingBy(Report::openingLine, TreeMap::new, Collectors.toList()));
    int count = leaks.values().stream().mapToInt(List::size).sum();
    if (count == 0) {
      System.out.println("No leak: no socket is in CLOSE_WAIT.");
      return;
    }
    print(
        "The leak: %d sockets in CLOSE_WAIT. The other side has closed them, this program has"
            + " not.%n%n",
        count);
    leaks.forEach(this::printLeak);
  }

  private void printLeak(String line, List<SocketTimeline> leaked) {
    long opened =
        recording.timelines().stream().filter(socket -> openingLine(socket).equals(line)).count();
    print("  %d of the %d sockets opened here:%n%n", leaked.size(), opened);
    // The callers may differ from socket to socket; those of one are shown.
    for (String frame : frames(leaked.get(0))) {
      System.out.println("    at " + traceElement(frame));
    }
    System.out.println();
    for (SocketTimeline socket : leaked) {
      Transition last = socket.transitions().get(socket.transitions().size() - 1);
      print(
          "    %x  %s > %s  in CLOSE_WAIT for %.1f s  opened by thread \"%s\"%n",
          socket.socketId(),
          endpoint(last.localAddress(), last.localPort()),
          endpoint(last.address(), last.port()),
          Duration.between(last.endTime(), end()).toMillis() / 1e3,
          socket.openThread());
    }
    System.out.println();
  }

  /** When the recording was dumped: then the agent emits its last event. */
  private Instant end() {
    List<AgentInfo> states = recording.agentStates();
    return states.get(states.size() - 1).time();
  }

  private static String openingLine(SocketTimeline socket) {
    return frames(socket)[0];
  }

  /** The application's frames that opened the socket, the innermost first. */
  private static String[] frames(SocketTimeline socket) {
    return String.valueOf(socket.openedBy()).split(" < ");
  }

  /** {@code a.B.c:1} as {@code a.B.c(B.java:1)}, where terminals and IDEs make it a link. */
  private static String traceElement(String frame) {
    int colon = frame.lastIndexOf(':');
    int method = frame.lastIndexOf('.', colon);
    if (method < 0 || frame.indexOf(' ') >= 0) {
      return frame;
    }
    String type = frame.substring(frame.lastIndexOf('.', method - 1) + 1, method);
    String file = type.replaceFirst("\\$.*", "") + ".java";
    return frame.substring(0, colon) + "(" + file + frame.substring(colon) + ")";
  }

  private static String endpoint(String address, int port) {
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }

  private String wrap(String text) {
    StringBuilder wrapped = new StringBuilder();
    int line = columns;
    for (String word : text.split(" ")) {
      if (line + 1 + word.length() > Math.min(columns, 100)) {
        wrapped.append(wrapped.isEmpty() ? " " : "\n ");
        line = 1;
      }
      wrapped.append(' ').append(word);
      line += 1 + word.length();
    }
    return wrapped.toString();
  }
}
