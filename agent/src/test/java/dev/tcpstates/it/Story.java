// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * What a recording says of sockets, by their ports: a socket is named {@code local>remote}, a
 * listener {@code local}.
 */
final class Story {
  static final String BEFORE_THE_AGENT = "opened before the agent";

  /** All states of a connecting socket whose end comes first. */
  static final String CLIENT =
      "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE".replace(' ', '>');

  /** All states of an accepted socket whose end comes second. */
  static final String ACCEPTED =
      "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE".replace(' ', '>');

  static final String LISTENER = "CLOSE>LISTEN>CLOSE";

  /** A socket that was open when it was listed. */
  record Listed(
      String name,
      String state,
      String openedBy,
      String openThread,
      long openSiteId,
      long socketId,
      long listenerId,
      Duration timeInState) {}

  private final TcpRecording recording;
  private final List<Listed> listed;
  private final Map<String, List<SocketTimeline>> timelines = new TreeMap<>();

  private Story(TcpRecording recording, List<Listed> listed) {
    this.recording = recording;
    this.listed = listed;
    for (SocketTimeline timeline : recording.timelines()) {
      // The first transition of a socket that connects knows no local port yet.
      Transition last = timeline.transitions().get(timeline.transitions().size() - 1);
      timelines
          .computeIfAbsent(name(last.localPort(), last.port()), name -> new ArrayList<>())
          .add(timeline);
    }
  }

  static Story read(Path recording) throws IOException {
    return new Story(RecordingReader.read(recording), listed(recording));
  }

  static String name(int localPort, int remotePort) {
    return remotePort == 0 ? Integer.toString(localPort) : localPort + ">" + remotePort;
  }

  /**
   * Makes a connection and ends it.
   *
   * @param server the port of the listener that the shell names server
   * @param expected gets the stories of both sides
   */
  static void connection(Shell shell, int server, Map<String, String> expected) throws Exception {
    int client = shell.number("connect client " + server);
    shell.run("accept accepted server");
    shell.run("close client");
    shell.run("eof accepted");
    shell.run("close accepted");
    expected.merge(name(client, server), CLIENT, Story::then);
    expected.merge(name(server, client), ACCEPTED, Story::then);
  }

  private static List<Listed> listed(Path recording) throws IOException {
    List<Listed> listed = new ArrayList<>();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("tcpstates.SocketState")) {
          listed.add(
              new Listed(
                  name(event.getInt("localPort"), event.getInt("port")),
                  event.getString("state"),
                  event.getString("openedBy"),
                  event.getString("openThread"),
                  event.getLong("openSiteId"),
                  event.getLong("socketId"),
                  event.getLong("listenerId"),
                  event.getDuration("timeInState")));
        }
      }
    }
    return listed;
  }

  TcpRecording recording() {
    return recording;
  }

  /** Every socket that was listed, in the order of the file. */
  List<Listed> listed() {
    return listed;
  }

  /** The state of each socket when it was listed first. */
  Map<String, String> firstListed() {
    Map<String, String> states = new TreeMap<>();
    listed.forEach(socket -> states.putIfAbsent(socket.name(), socket.state()));
    return states;
  }

  /** Who opened each socket that was listed, by the last listing. */
  Map<String, String> listedOpeners() {
    Map<String, String> openers = new TreeMap<>();
    listed.forEach(socket -> openers.put(socket.name(), opener(socket.openedBy())));
    return openers;
  }

  /** The states of each socket that changed its state, in one line: {@code CLOSE>LISTEN}. */
  Map<String, String> states() {
    return ofEach(Story::states);
  }

  /** What each socket says. Those that the kernel gave the same ports follow one another. */
  private Map<String, String> ofEach(Function<SocketTimeline, String> what) {
    Map<String, String> ofEach = new TreeMap<>();
    timelines.forEach(
        (name, same) -> same.forEach(t -> ofEach.merge(name, what.apply(t), Story::then)));
    return ofEach;
  }

  /** What two sockets say of which the second was given the first one's ports. */
  static String then(String first, String second) {
    return first + ", then " + second;
  }

  private static String states(SocketTimeline timeline) {
    List<Transition> transitions = timeline.transitions();
    StringBuilder states = new StringBuilder(transitions.get(0).oldState().name());
    TcpState before = transitions.get(0).oldState();
    for (Transition transition : transitions) {
      // A gap shows as a state that nothing led to.
      states.append(before.equals(transition.oldState()) ? "" : "|" + transition.oldState());
      states.append('>').append(transition.newState());
      before = transition.newState();
    }
    return states.toString();
  }

  /** Who opened each socket, by its last transition: the top frame without its package and line. */
  Map<String, String> openers() {
    return ofEach(timeline -> opener(timeline.openedBy()));
  }

  /** Who opened each socket, by its first transition. */
  Map<String, String> firstOpeners() {
    return ofEach(timeline -> opener(timeline.transitions().get(0).openedBy()));
  }

  private static String opener(String openedBy) {
    return openedBy
        .replaceFirst(" < .*", "")
        .replaceFirst(":\\d+$", "")
        .replaceFirst("^dev\\.tcpstates\\.it\\.workload\\.", "");
  }

  /** The only socket with these ports. */
  SocketTimeline timeline(String name) {
    List<SocketTimeline> same = timelines.getOrDefault(name, List.of());
    if (same.size() != 1) {
      throw new AssertionError(same.size() + " sockets " + name);
    }
    return same.get(0);
  }

  /** What must hold for every recording: nothing lost, nothing suppressed, every site explained. */
  Story sound() {
    AgainIfSkipped.assertNoneLost(recording);
    if (recording.agentStates().stream().anyMatch(state -> state.suppressedErrors() != 0)) {
      throw new AssertionError("errors were suppressed: " + recording.agentStates());
    }
    String unexplained =
        recording.timelines().stream()
            .flatMap(timeline -> timeline.transitions().stream())
            .filter(transition -> !recording.openSites().containsKey(transition.openSiteId()))
            .map(Transition::toString)
            .collect(Collectors.joining("\n"));
    if (!unexplained.isEmpty()) {
      throw new AssertionError("no opener is known: " + unexplained);
    }
    return this;
  }
}
