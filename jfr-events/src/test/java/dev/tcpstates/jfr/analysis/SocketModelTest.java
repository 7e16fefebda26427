// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A socket's life, event by event. */
class SocketModelTest {
  /** What the model reports, in order. */
  private static final class Lives extends SocketModel {
    final List<String> reports = new ArrayList<>();
    final Map<Long, SocketLife> byId = new HashMap<>();
    final List<Long> ended = new ArrayList<>();
    final List<Long> open = new ArrayList<>();

    @Override
    protected void stateChanged(SocketLife socket, TcpState before, Instant time) {
      reports.add(ms(time) + " " + socket.socketId() + ": " + before + " > " + socket.state());
    }

    @Override
    protected void stateLeft(SocketLife socket, TcpState state, Duration time) {
      reports.add(socket.socketId() + ": " + state + " for " + time.toMillis());
    }

    @Override
    protected void ended(SocketLife socket, Instant end) {
      reports.add(socket.socketId() + (end == null ? " ended" : " open at " + ms(end)));
      assertNull(byId.put(socket.socketId(), socket), "reported twice");
      (end == null ? ended : open).add(socket.socketId());
    }

    private static long ms(Instant time) {
      return Duration.between(Tape.START, time).toMillis();
    }
  }

  private static Lives play(Consumer<Tape> events) {
    Lives lives = new Lives();
    Tape tape = new Tape(lives, 1_000);
    tape.site(7, "CONNECT", "app.Client.ask:12 < app.Main.main:3", "java.net.S:1", "app.Client:12");
    tape.site(8, "LISTEN", "app.Server.listen:1");
    tape.site(9, "ACCEPT", "app.Server.accept:2");
    tape.site(5, "ADOPTED", "opened before the agent");
    events.accept(tape);
    lives.end();
    return lives;
  }

  @Test
  void everyStepIsReported() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT", 102, "ESTABLISHED", 150, "CLOSE");
              tape.connection(1, 7, 100, 150, new Tape.Ended());
              tape.moves(2, 7, 0, 200, "SYN_SENT", 203, "ESTABLISHED");
            });
    assertEquals(
        List.of(
            "100 1: null > SYN_SENT",
            "1: SYN_SENT for 2",
            "102 1: SYN_SENT > ESTABLISHED",
            "1: ESTABLISHED for 48",
            "150 1: ESTABLISHED > CLOSE",
            "1 ended",
            "200 2: null > SYN_SENT",
            "2: SYN_SENT for 3",
            "203 2: SYN_SENT > ESTABLISHED",
            "2 open at 1000"),
        lives.reports);
  }

  @Test
  void eventsOfOneConnectionBelongTogether() {
    Tape.Ended reset = new Tape.Ended();
    reset.end = ConnectionEnd.RESET_BY_REMOTE;
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT");
              tape.moves(2, 0, 0, 100, "SYN_SENT");
              tape.moves(1, 7, 0, 102, "ESTABLISHED", 150, "CLOSE");
              tape.connection(1, 7, 100, 150, reset);
              tape.moves(2, 0, 0, 104, "ESTABLISHED");
            });
    SocketLife one = lives.byId.get(1L);
    assertEquals(ConnectionEnd.RESET_BY_REMOTE, one.connection().end());
    assertEquals(List.of("java.net.S:1", "app.Client:12"), one.opener().stack());
    assertEquals("app.Client.ask:12 < app.Main.main:3", one.opener().openedBy());
    assertEquals("app.Client.ask:12", one.opener().line());
    assertEquals("thread 1", one.thread());
    assertEquals(TcpState.CLOSE, one.state());
    assertEquals(one.connection().endTime(), one.since());
    assertEquals(SocketKind.CONNECT, one.kind());
    assertEquals(Duration.ofMillis(2), one.handshake());
    assertTrue(one.begunHere());
    assertTrue(one.begunByTransition());
    assertTrue(one.isCloseRecorded());

    SocketLife open = lives.byId.get(2L);
    assertNull(open.connection());
    assertEquals(TcpState.ESTABLISHED, open.state());
    assertEquals(Tape.at(104), open.since());
    assertEquals(List.of("site 0"), open.opener().frames());
    assertFalse(open.isCloseRecorded());
    assertEquals(List.of(1L), lives.ended);
    assertEquals(List.of(2L), lives.open);
  }

  @Test
  void aLifeMaySpanChunks() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT");
              tape.chunk(1_000, 2_000);
              tape.jvm(1);
              tape.moves(1, 7, 0, 1_100, "CLOSE");
              tape.connection(1, 7, 100, 1_100, new Tape.Ended());
            });
    assertEquals(List.of(1L), lives.ended);
    assertTrue(lives.byId.get(1L).isCloseRecorded());
    assertNotNull(lives.byId.get(1L).connection());
  }

  /** Thresholds and settings may exclude the other one. */
  /**
   * The agent lists the open sockets when a chunk starts; some end before their events are made.
   */
  @Test
  void aSocketThatEndsWhileItIsListedIsNoSecondOne() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT", 110, "ESTABLISHED");
              tape.moves(2, 7, 0, 100, "SYN_SENT", 110, "ESTABLISHED");
              tape.moves(3, 7, 0, 100, "SYN_SENT", 110, "ESTABLISHED");
              tape.chunk(1_000, 2_000);
              tape.jvm(1);
              tape.moves(1, 7, 0, 1_001, "CLOSE");
              tape.connection(1, 7, 100, 1_001, new Tape.Ended());
              tape.socketState(1, 7, 1_002, "LAST_ACK", 1);
              tape.moves(2, 7, 0, 1_001, "CLOSE");
              tape.socketState(2, 7, 1_002, "LAST_ACK", 1);
              tape.connection(2, 7, 100, 1_001, new Tape.Ended());
              tape.connection(3, 7, 100, 1_001, new Tape.Ended());
              tape.socketState(3, 7, 1_002, "LAST_ACK", 1);
              tape.moves(3, 7, 0, 1_001, "CLOSE");
            });
    assertEquals(List.of(1L, 2L, 3L), lives.ended);
  }

  @Test
  void oneEventOfTheEndSuffices() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT", 110, "CLOSE");
              tape.connection(2, 7, 100, 150, new Tape.Ended());
              tape.moves(3, 7, 0, 200, "SYN_SENT");
            });
    assertEquals(List.of(1L, 2L), lives.ended);
    assertEquals(List.of(3L), lives.open);
    assertNull(lives.byId.get(1L).connection());
    assertFalse(lives.byId.get(2L).isCloseRecorded());
    assertEquals(Duration.ofMillis(1), lives.byId.get(2L).handshake());
  }

  @Test
  void bothEventsOfTheEndComeInEitherOrderAndInTwoChunks() {
    for (boolean transitionFirst : new boolean[] {true, false}) {
      Lives lives =
          play(
              tape -> {
                if (transitionFirst) {
                  tape.moves(1, 7, 0, 100, "SYN_SENT", 110, "CLOSE");
                } else {
                  tape.connection(1, 7, 100, 110, new Tape.Ended());
                }
                tape.chunk(1_000, 2_000);
                tape.jvm(1);
                if (transitionFirst) {
                  tape.connection(1, 7, 100, 110, new Tape.Ended());
                } else {
                  tape.moves(1, 7, 0, 100, "SYN_SENT", 110, "CLOSE");
                }
              });
      assertEquals(List.of(1L), lives.ended);
      assertNotNull(lives.byId.get(1L).connection());
      assertTrue(lives.byId.get(1L).isCloseRecorded());
    }
  }

  @Test
  void aSecondConnectionEventIsOfAnotherLife() {
    List<Instant> ends = new ArrayList<>();
    SocketModel model =
        new SocketModel() {
          @Override
          protected void ended(SocketLife socket, Instant end) {
            ends.add(socket.connection().endTime());
          }
        };
    Tape tape = new Tape(model, 1_000);
    tape.connection(1, 0, 100, 150, new Tape.Ended());
    tape.connection(1, 0, 200, 250, new Tape.Ended());
    model.end();
    assertEquals(List.of(Tape.at(150), Tape.at(250)), ends);
  }

  @Test
  void theModelKeepsTheTimesOfTheSteps() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 8, 20, 100, "SYN_RECV", 102, "ESTABLISHED");
              tape.open(1, 9, 110, "ACCEPT");
              tape.moves(1, 9, 20, 120, "CLOSE_WAIT", 150, "LAST_ACK");
              tape.transition(2, 8, 0, 100, 103, "SYN_RECV", "ESTABLISHED", null);
              tape.moves(3, 7, 0, 100, "SYN_SENT", 140, "CLOSE");
            });
    SocketLife accepted = lives.byId.get(1L);
    assertEquals(Duration.ofMillis(2), accepted.handshake());
    assertEquals(Duration.ofMillis(8), accepted.acceptQueueWait());
    assertEquals(Duration.ofMillis(30), accepted.closeWait());
    assertTrue(accepted.isEstablished());
    SocketLife queued = lives.byId.get(2L);
    assertEquals(SocketKind.ACCEPT, queued.kind());
    assertNull(queued.acceptQueueWait());
    assertNull(queued.closeWait());
    SocketLife failed = lives.byId.get(3L);
    assertFalse(failed.isEstablished());
    assertNull(failed.handshake());
    assertEquals(TcpState.SYN_SENT, failed.lastTransition().oldState());
    assertEquals(Duration.ofMillis(40), failed.lastTransition().timeInState());
  }

  @Test
  void listenersAreNoConnections() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 8, 0, 100, "LISTEN");
              // In the queue of a listener whose cookie is not known.
              tape.transition(2, 8, 0, 110, 110, "LISTEN", "SYN_RECV", null);
              tape.socketState(3, 8, 120, "LISTEN", 5);
              tape.moves(1, 8, 0, 130, "CLOSE");
              tape.transition(4, 8, 0, 100, 140, "LISTEN", "CLOSE", null);
            });
    assertEquals(SocketKind.ACCEPT, lives.byId.get(2L).kind());
    assertTrue(lives.byId.get(2L).isConnection());
    for (long listener : List.of(1L, 3L, 4L)) {
      assertEquals(SocketKind.LISTEN, lives.byId.get(listener).kind());
      assertFalse(lives.byId.get(listener).isConnection());
    }
    // A listener has no Connection event to wait for.
    assertEquals(List.of(1L, 4L), lives.ended);
  }

  /** JFR gives no order to events of the same moment. */
  @Test
  void theAcceptorStaysTheOpenerWhateverIsReadLater() {
    Lives lives =
        play(
            tape -> {
              tape.moves(2, 8, 20, 100, "SYN_RECV");
              tape.open(2, 9, 110, "ACCEPT");
              tape.moves(2, 8, 20, 111, "ESTABLISHED");
              tape.moves(3, 8, 20, 100, "SYN_RECV", 101, "ESTABLISHED");
              tape.open(3, 77, 110, "ACCEPT");
              tape.site(77, "ACCEPT", "app.Server.late:3");
            });
    assertEquals("app.Server.accept:2", lives.byId.get(2L).opener().line());
    assertEquals("app.Server.late:3", lives.byId.get(3L).opener().line());
  }

  /** The hook at its opening could not know the listener. */
  @Test
  void whatALibraryAcceptsHasTheOpenerOfItsListener() {
    String named = "accepted at port 80 < app.Server.listen:1";
    Lives lives =
        play(
            tape -> {
              tape.site(10, "ACCEPT", named);
              tape.site(11, "ACCEPT", "lib.Acceptor.run:5 < thread started by app.Server.listen:1");
              tape.moves(2, 8, 20, 100, "SYN_RECV", 101, "ESTABLISHED");
              tape.open(2, 11, 110, "ACCEPT");
              tape.moves(2, 10, 20, 111, "CLOSE_WAIT");
              tape.moves(3, 10, 20, 100, "SYN_RECV", 111, "ESTABLISHED");
              tape.open(3, 11, 110, "ACCEPT");
            });
    assertEquals(named, lives.byId.get(2L).opener().openedBy());
    assertEquals(named, lives.byId.get(3L).opener().openedBy());
  }

  @Test
  void theOpenerIsTheListenersUntilAcceptReturns() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 8, 20, 100, "SYN_RECV", 101, "ESTABLISHED");
              tape.moves(2, 8, 20, 100, "SYN_RECV", 101, "ESTABLISHED");
              tape.open(2, 9, 110, "ACCEPT");
            });
    assertEquals("app.Server.listen:1", lives.byId.get(1L).opener().line());
    assertEquals("app.Server.accept:2", lives.byId.get(2L).opener().line());
    assertEquals("thread 1", lives.byId.get(1L).thread());
    assertEquals("t", lives.byId.get(2L).thread());
  }

  @Test
  void anEventWithoutOpenerLeavesTheOpenerAsItIs() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT");
              tape.transition(1, 0, 0, 100, 110, "SYN_SENT", "ESTABLISHED", null);
            });
    assertEquals("app.Client.ask:12", lives.byId.get(1L).opener().line());
  }

  @Test
  void aSocketThatWasOpenBeforeIsInTheStateOfTheSnapshot() {
    Lives lives = play(tape -> tape.socketState(1, 5, 10, "CLOSE_WAIT", 5_000));
    SocketLife life = lives.byId.get(1L);
    assertEquals(TcpState.CLOSE_WAIT, life.state());
    assertEquals(Tape.at(-4_990), life.since());
    assertEquals(SocketKind.ADOPTED, life.kind());
    assertFalse(life.begunHere());
    assertFalse(life.begunByTransition());
    assertEquals("192.0.2.7", life.last().address());
    assertEquals(443, life.last().port());
  }

  @Test
  void aFirstTransitionInTheMiddleBeginsNoLife() {
    Lives lives =
        play(tape -> tape.transition(1, 7, 0, 100, 200, "ESTABLISHED", "CLOSE_WAIT", null));
    assertFalse(lives.byId.get(1L).begunByTransition());
    assertEquals(TcpState.CLOSE_WAIT, lives.byId.get(1L).state());
  }

  /** Its end was lost, but it is not in the next chunk's snapshot. */
  @Test
  void aSocketThatTheSnapshotLacksHasEnded() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT", 101, "ESTABLISHED");
              tape.moves(2, 7, 0, 100, "SYN_SENT", 101, "ESTABLISHED");
              tape.lost(1, 500);
              for (int chunk = 1; chunk < 3; chunk++) {
                tape.chunk(chunk * 1_000, chunk * 1_000 + 1_000);
                tape.jvm(1);
                tape.socketState(2, 7, chunk * 1_000 + 10, "ESTABLISHED", 0);
              }
            });
    assertEquals(List.of(1L), lives.ended);
    assertEquals(List.of(2L), lives.open);
    assertEquals(TcpState.CLOSE, lives.byId.get(1L).state());
    assertEquals(TcpState.ESTABLISHED, lives.byId.get(2L).state());
    assertEquals(1, lives.unknownEnds());
  }

  @Test
  void stuckIsOneStateOnly() {
    Lives lives =
        play(
            tape -> {
              tape.moves(1, 7, 0, 100, "SYN_SENT", 101, "ESTABLISHED", 102, "FIN_WAIT1");
              tape.stuck(1, 7, 300, "FIN_WAIT1", 198);
              tape.moves(2, 7, 0, 100, "SYN_SENT", 101, "ESTABLISHED", 102, "FIN_WAIT1");
              tape.stuck(2, 7, 300, "FIN_WAIT1", 198);
              tape.moves(2, 7, 0, 400, "FIN_WAIT2");
            });
    assertEquals(StuckCause.UNACKNOWLEDGED, lives.byId.get(1L).stuckAt(Tape.at(60_000)));
    assertNull(lives.byId.get(2L).stuckAt(Tape.at(60_000)));
  }

  /** A cookie of one JVM means nothing in another one. */
  @Test
  void eachJvmHasItsOwnSockets() {
    List<String> reports = new ArrayList<>();
    SocketModel model =
        new SocketModel() {
          @Override
          protected void ended(SocketLife socket, Instant end) {
            reports.add(currentJvm().pid() + (end == null ? " ended" : " " + socket.state()));
          }
        };
    Tape tape = new Tape(model, 1_000);
    tape.moves(1, 0, 0, 100, "SYN_SENT");
    tape.chunk(0, 1_000);
    tape.jvm(2);
    tape.moves(1, 0, 0, 120, "SYN_SENT", 150, "CLOSE");
    tape.connection(1, 0, 120, 150, new Tape.Ended());
    tape.chunk(1_000, 2_000);
    tape.jvm(1);
    tape.moves(1, 0, 0, 1_100, "ESTABLISHED");
    model.end();
    assertEquals(List.of("2 ended", "1 ESTABLISHED"), reports);
  }
}
