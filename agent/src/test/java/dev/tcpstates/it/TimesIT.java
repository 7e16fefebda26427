// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static java.time.Duration.ZERO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.QuickAndSlow;
import dev.tcpstates.it.workload.Times;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.Transition;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The events' times are the kernel's. */
@Isolated("clocks are compared to microseconds")
@NeedsBpf
class TimesIT {
  private static final int CONNECTIONS = 50;
  private static final Duration MICROSECOND = Duration.ofNanos(1_000);

  /** Of the wall clock, which JFR reads once a chunk, and counts ticks from there. */
  private static final Duration CLOCKS = Duration.ofNanos(200_000);

  /** Of JFR's own events, which count the same ticks. */
  private static final Duration TICKS = Duration.ofNanos(20_000);

  @TempDir Path directory;

  @OnEachJdk
  void kernelTimes(Jdk jdk) throws Exception {
    Path file = directory.resolve("times.jfr");
    AgentJvm.Result result =
        new AgentJvm(jdk, directory).run(Times.class, "" + CONNECTIONS, file.toString()).ok();
    Map<Integer, Clocks> clocks =
        result
            .out()
            .lines()
            .filter(line -> line.startsWith(Times.LINE))
            .map(Clocks::of)
            .collect(Collectors.toMap(Clocks::localPort, c -> c));
    assertEquals(CONNECTIONS, clocks.size());

    TcpRecording recording = Recorded.read(file);
    assertEquals(2 * CONNECTIONS, recording.timelines().size());
    recording.timelines().forEach(TimesIT::assertSeamless);
    assertEquals(2 * CONNECTIONS, recording.connections().size());
    recording.connections().forEach(connection -> assertSameTimes(connection, recording));

    Map<Integer, RecordedEvent> connects = connects(file);
    Furthest clock = new Furthest("Instant.now()");
    Furthest ticks = new Furthest("an event around connect");
    int clients = 0;
    for (SocketTimeline timeline : recording.timelines()) {
      List<Transition> transitions = timeline.transitions();
      Clocks own = clocks.get(transitions.get(1).localPort());
      if (own == null) {
        continue; // the server's side
      }
      clients++;
      RecordedEvent connect = connects.get(own.localPort);
      // CLOSE -> SYN_SENT -> ESTABLISHED
      for (Transition transition : transitions.subList(0, 2)) {
        clock.add(transition.endTime(), own.beforeConnect, own.afterConnect);
        ticks.add(transition.endTime(), connect.getStartTime(), connect.getEndTime());
      }
      // Both ends of this time are bounded by the same clock, so there is no tolerance.
      long established = transitions.get(2).timeInState().toNanos();
      assertTrue(
          established >= own.leastConnected && established <= own.mostConnected,
          () -> established + " ns in ESTABLISHED; " + own);
    }
    assertEquals(CONNECTIONS, clients);
    clock.assertWithin(CLOCKS);
    ticks.assertWithin(TICKS);
  }

  /** A transition's event begins where the one before ends, and is as long as it says. */
  private static void assertSeamless(SocketTimeline timeline) {
    Instant previousEnd = null;
    for (Transition transition : timeline.transitions()) {
      if (previousEnd != null) {
        assertWithin(MICROSECOND, Duration.between(previousEnd, transition.startTime()), timeline);
      }
      Duration duration = Duration.between(transition.startTime(), transition.endTime());
      assertWithin(MICROSECOND, duration.minus(transition.timeInState()), timeline);
      previousEnd = transition.endTime();
    }
  }

  /** What a connection's event says is exactly what its transitions say. */
  private static void assertSameTimes(ConnectionInfo connection, TcpRecording recording) {
    List<Transition> transitions =
        recording.timelines().stream()
            .filter(timeline -> timeline.socketId() == connection.socketId())
            .findFirst()
            .orElseThrow()
            .transitions();
    Map<TcpState, Duration> times = new EnumMap<>(TcpState.class);
    transitions.forEach(t -> times.merge(t.oldState(), t.timeInState(), Duration::plus));
    TcpState handshake = connection.isOutgoing() ? TcpState.SYN_SENT : TcpState.SYN_RECV;
    assertEquals(times.get(handshake), connection.handshakeTime(), connection::toString);
    assertEquals(transitions.get(0).endTime(), connection.startTime(), connection::toString);
    Transition last = transitions.get(transitions.size() - 1);
    assertEquals(last.endTime(), connection.endTime(), connection::toString);
    assertEquals(times.get(TcpState.ESTABLISHED), connection.timeEstablished());
    assertEquals(sum(times, TcpState.CLOSE_WAIT), connection.timeCloseWait());
    assertEquals(sum(times, TcpState.LAST_ACK), connection.timeLastAck());
    assertEquals(sum(times, TcpState.FIN_WAIT1, TcpState.FIN_WAIT2), connection.timeFinWait());
    Duration lifetime = Duration.between(connection.startTime(), connection.endTime());
    Duration inStates =
        transitions.stream().skip(1).map(Transition::timeInState).reduce(ZERO, Duration::plus);
    // JFR's ticks are rounded to nanoseconds at either end.
    assertTrue(lifetime.minus(inStates).abs().toNanos() <= 2, () -> lifetime + " " + inStates);
  }

  private static Duration sum(Map<TcpState, Duration> times, TcpState... states) {
    return Stream.of(states).map(s -> times.getOrDefault(s, ZERO)).reduce(ZERO, Duration::plus);
  }

  private static void assertWithin(Duration most, Duration actual, SocketTimeline timeline) {
    assertTrue(actual.abs().compareTo(most) <= 0, () -> actual + " in " + timeline);
  }

  private static Map<Integer, RecordedEvent> connects(Path file) throws IOException {
    Map<Integer, RecordedEvent> connects = new HashMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      if (event.getEventType().getName().equals("workload.Connect")) {
        connects.put(event.getInt("localPort"), event);
      }
    }
    return connects;
  }

  /** How far outside of their bounds times were. */
  private static final class Furthest {
    private final String bounds;
    private Duration furthest = Duration.ofDays(-1);

    Furthest(String bounds) {
      this.bounds = bounds;
    }

    void add(Instant time, Instant lower, Instant upper) {
      Duration below = Duration.between(time, lower);
      Duration above = Duration.between(upper, time);
      for (Duration outside : List.of(below, above)) {
        furthest = furthest.compareTo(outside) < 0 ? outside : furthest;
      }
    }

    void assertWithin(Duration most) {
      long micros = furthest.toNanos() / 1_000;
      String text = bounds + ": a time lay outside by " + micros + " us (negative: inside)";
      System.out.println(text);
      assertTrue(furthest.compareTo(most) <= 0, text);
    }
  }

  /**
   * What the workload's clocks said.
   *
   * @param leastConnected nanoseconds from after {@code connect} to before {@code close}
   * @param mostConnected nanoseconds from before {@code connect} to after {@code close}
   */
  private record Clocks(
      int localPort,
      Instant beforeConnect,
      Instant afterConnect,
      long leastConnected,
      long mostConnected) {
    static Clocks of(String line) {
      String[] parts = line.substring(Times.LINE.length()).split(" ");
      return new Clocks(
          Integer.parseInt(parts[0]),
          Instant.parse(parts[1]),
          Instant.parse(parts[3]),
          Long.parseLong(parts[6]) - Long.parseLong(parts[4]),
          Long.parseLong(parts[8]) - Long.parseLong(parts[2]));
    }
  }

  @OnEachJdk
  void threshold(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            // The plus: JFR's own settings know nothing of this event.
            .record("+tcpstates.StateChange#threshold=50ms")
            .run(QuickAndSlow.class)
            .ok();
    TcpRecording recording = Recorded.readWithLosses(result.recording());
    AgainIfSkipped.assertNoneLost(recording);
    List<WorkloadSocket> opened = WorkloadSocket.all(result.out());
    assertTrue(opened.stream().anyMatch(socket -> socket.is("quick")), "this machine is too slow");
    for (WorkloadSocket socket : opened) {
      Set<String> left = new TreeSet<>();
      for (SocketTimeline timeline : recording.timelines()) {
        for (Transition transition : timeline.transitions()) {
          assertTrue(transition.timeInState().toMillis() >= 50, transition::toString);
          assertFalse(
              List.of(TcpState.CLOSE, TcpState.LISTEN).contains(transition.oldState())
                  && transition.port() != 0,
              () -> "no time is spent before the first transition: " + transition);
          if (transition.localPort() == socket.localPort() && transition.port() == socket.port()) {
            left.add(transition.oldState().name());
          }
        }
      }
      switch (socket.role()) {
        case "listener" -> assertEquals(Set.of("LISTEN"), left);
        case "slow" -> assertTrue(left.contains("ESTABLISHED"), socket + " left " + left);
        case "quick" -> assertEquals(Set.of(), left, socket::toString);
        default -> throw new AssertionError(socket);
      }
    }
  }
}
