// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.TimedShell;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The Connection events of a recording; what must be true of each of them is asserted here. */
record Connections(TcpRecording recording, List<ConnectionInfo> all) {
  static Connections read(Path file) throws IOException {
    return of(Recorded.read(file));
  }

  static Connections of(TcpRecording recording) {
    Connections connections = new Connections(recording, recording.connections());
    connections.all.forEach(Connections::assertSound);
    return connections;
  }

  /** The agent has forgotten all sockets by the end of the recording. */
  Connections nothingLeftOpen() {
    List<AgentInfo> states = recording.agentStates();
    assertEquals(0, states.get(states.size() - 1).openSockets(), states::toString);
    return this;
  }

  private static void assertSound(ConnectionInfo connection) {
    boolean accepting = connection.listenerId() != 0;
    assertEquals(accepting ? SocketKind.ACCEPT : SocketKind.CONNECT, connection.kind());
    String opener =
        !accepting ? "bind" : connection.accepted() ? "accept" : "listen"; // until it is accepted
    String frame = TimedShell.class.getSimpleName() + "." + opener;
    assertTrue(connection.openedBy().contains(frame), connection.openedBy());
    assertEquals("thread " + connection.openThreadId(), connection.openThread());
    assertTrue(connection.openSiteId() > 0);
  }

  /** One for each socket that ended with a transition, and the listeners' own none. */
  Connections agreeWithTransitions() {
    Set<Long> ended =
        recording.timelines().stream()
            .filter(timeline -> !isListener(Recorded.states(timeline)))
            .map(SocketTimeline::socketId)
            .collect(Collectors.toSet());
    // A connect that fails at once has no transition, and no local port.
    List<ConnectionInfo> moved = all.stream().filter(c -> c.localPort() != 0).toList();
    assertEquals(ended.size(), moved.size());
    assertEquals(ended, moved.stream().map(ConnectionInfo::socketId).collect(Collectors.toSet()));
    for (ConnectionInfo connection : moved) {
      assertEquals(time(connection, "ESTABLISHED"), connection.timeEstablished());
      assertEquals(time(connection, "CLOSE_WAIT"), connection.timeCloseWait());
      assertEquals(time(connection, "LAST_ACK"), connection.timeLastAck());
      assertEquals(
          time(connection, "FIN_WAIT1").plus(time(connection, "FIN_WAIT2")),
          connection.timeFinWait());
    }
    return this;
  }

  private static boolean isListener(List<String> states) {
    return states.equals(List.of("CLOSE", "LISTEN", "CLOSE"));
  }

  private Duration time(ConnectionInfo connection, String state) {
    return recording.timeline(connection.socketId()).orElseThrow().transitions().stream()
        .filter(transition -> transition.oldState().name().equals(state))
        .map(transition -> transition.timeInState())
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** The only event of the socket with these ports. */
  ConnectionInfo of(int localPort, int port) {
    List<ConnectionInfo> own =
        all.stream().filter(c -> c.localPort() == localPort && c.port() == port).toList();
    assertEquals(1, own.size(), () -> "events of " + localPort + ">" + port + " in " + all);
    return own.get(0);
  }

  ConnectionInfo client(Pair pair) {
    return of(pair.clientPort(), pair.serverPort());
  }

  ConnectionInfo server(Pair pair) {
    return of(pair.serverPort(), pair.clientPort());
  }
}
