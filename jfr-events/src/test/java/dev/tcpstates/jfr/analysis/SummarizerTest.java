// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.StuckCause;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.Summary.Churn;
import dev.tcpstates.jfr.analysis.Summary.Failure;
import dev.tcpstates.jfr.analysis.Summary.Leak;
import dev.tcpstates.jfr.analysis.Summary.Listener;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SummarizerTest {
  /** Losses of the agent and of Flight Recorder itself. */
  private static final List<Consumer<Tape>> LOSSES =
      List.of(tape -> tape.lost(1, 290), tape -> tape.bytesLost(1, 290));

  private static Summary sum(long milliseconds, Consumer<Tape> events) {
    Summarizer summarizer = new Summarizer();
    Tape tape = new Tape(summarizer, milliseconds);
    tape.agent(true, null);
    tape.site(1, "CONNECT", "a.A.get:1 < a.A.main:7", "java.net.Socket.connect:9", "a.A.get:1");
    tape.site(2, "CONNECT", "b.B.put:2", "b.B.put:2");
    tape.site(3, "LISTEN", "s.S.listen:3", "s.S.listen:3");
    tape.site(4, "ACCEPT", "s.S.serve:4", "s.S.serve:4");
    tape.site(5, "ADOPTED", "opened before the agent");
    events.accept(tape);
    return summarizer.result();
  }

  private static Duration ms(double milliseconds) {
    return Duration.ofNanos((long) (milliseconds * 1e6));
  }

  @Test
  void empty() {
    Summary summary = sum(1_000, tape -> {});
    assertEquals(Tape.START, summary.startTime());
    assertEquals(Tape.at(1_000), summary.endTime());
    assertEquals(1, summary.chunks());
    assertEquals(1, summary.jvms().get(0).pid());
    assertTrue(summary.agent().attached());
    assertEquals(new Summary.Connections(0, 0, 0, 0, 0, 0), summary.connections());
    assertEquals(List.of(), summary.states());
    assertEquals(List.of(), summary.losses());
    assertNull(new Summarizer().result().startTime());
  }

  @Test
  void connectionsAreCountedOnce() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              tape.socketState(30, 5, 0, "ESTABLISHED", 5_000);
              tape.socketState(31, 1, 0, "ESTABLISHED", 5_000);
              tape.life(10, 1, 100, 150);
              tape.life(11, 1, 200, 350);
              tape.moves(12, 2, 0, 1_000, "SYN_SENT", 1_001, "ESTABLISHED");
              tape.move(20, 3, 0, 0, "LISTEN");
              tape.moves(21, 4, 20, 0, "SYN_RECV", 1, "ESTABLISHED");
              Tape.Ended refused = new Tape.Ended();
              refused.established = false;
              refused.end = ConnectionEnd.REFUSED;
              tape.moves(13, 2, 0, 1_000, "SYN_SENT", 1_001, "CLOSE");
              tape.connection(13, 2, 1_000, 1_001, refused);
              // Older than the recording, and it ends in it.
              tape.transition(31, 1, 0, -5_000, 300, "ESTABLISHED", "CLOSE", "x");
              Tape.Ended reset = new Tape.Ended();
              reset.end = ConnectionEnd.RESET_BY_REMOTE;
              reset.reason = "ECONNRESET";
              tape.connection(31, 1, -5_000, 300, reset);
            });
    assertEquals(new Summary.Connections(4, 1, 2, 4, 3, 1), summary.connections());
    assertEquals(
        List.of(
            churn("CONNECT", "a.A.get:1", 2, 3, 1, "thread 10", "thread 11", "thread 31"),
            churn("CONNECT", "b.B.put:2", 2, 1, 0, "thread 13", "thread 12"),
            new Churn(SocketKind.ACCEPT, "s.S.serve:4", null, 1, 0, 0, List.of("thread 21")),
            churn("ADOPTED", "opened before the agent", 0, 0, 0, "t")),
        summary.churn());
    assertEquals(
        List.of(
            new Failure(
                ConnectionEnd.RESET_BY_REMOTE,
                "ECONNRESET",
                1,
                "a.A.get:1",
                "192.0.2.7",
                443,
                Tape.at(300),
                null,
                ms(0),
                false,
                List.of("thread 31")),
            new Failure(
                ConnectionEnd.REFUSED,
                null,
                1,
                "b.B.put:2",
                "192.0.2.7",
                443,
                Tape.at(1_001),
                ms(1),
                ms(0),
                false,
                List.of("thread 13"))),
        summary.failures());
    assertEquals(new Summary.Bytes(400, 4_000, 0, 0, 0), summary.bytes());
  }

  private static Churn churn(
      String kind, String line, long opened, long ended, long shortLived, String... threads) {
    return new Churn(
        SocketKind.valueOf(kind),
        line,
        "192.0.2.7:443",
        opened,
        ended,
        shortLived,
        List.of(threads));
  }

  /** Throughput events also count connections that have ended since. */
  @Test
  void lateThroughputBeginsNoConnection() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              tape.life(10, 1, 100, 150);
              tape.throughput(10, 1, 1_000, 20, 30);
              tape.moves(11, 1, 0, 100, "SYN_SENT", 101, "ESTABLISHED");
              tape.throughput(11, 1, 1_000, 20, 30);
            });
    assertEquals(new Summary.Connections(2, 0, 0, 1, 1, 0), summary.connections());
    assertEquals(50, summary.bytes().open());
  }

  /** Earlier events have the listener's opener, and no later one may follow. */
  @Test
  void acceptedConnectionsAreTheAcceptors() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              tape.moves(21, 3, 20, 100, "SYN_RECV", 101, "ESTABLISHED");
              tape.open(21, 4, 110, "ACCEPT");
            });
    assertEquals(
        List.of(new Churn(SocketKind.ACCEPT, "s.S.serve:4", null, 1, 0, 0, List.of("t"))),
        summary.churn());
  }

  @Test
  void leaks() {
    Summary summary =
        sum(
            60_000,
            tape -> {
              tape.moves(10, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 1_000, "CLOSE_WAIT");
              tape.moves(11, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 5_000, "CLOSE_WAIT");
              // Closed in the end: no leak.
              tape.moves(12, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 5_000, "CLOSE_WAIT");
              tape.move(12, 1, 0, 50_000, "LAST_ACK");
              tape.move(12, 1, 0, 50_001, "CLOSE");
              // Stuck, but not any more.
              tape.moves(13, 2, 0, 0, "SYN_SENT");
              tape.stuck(13, 2, 20_000, "SYN_SENT", 20_000);
              tape.move(13, 2, 0, 30_000, "ESTABLISHED");
              tape.moves(14, 2, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 10_000, "FIN_WAIT1");
              tape.stuck(14, 2, 30_000, "FIN_WAIT1", 20_000);
              // Open, as a pool has them.
              tape.moves(15, 2, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
            });
    assertEquals(2, summary.leaks().size());
    Leak first = summary.leaks().get(0);
    assertEquals("a.A.get:1", first.line());
    assertEquals(TcpState.CLOSE_WAIT, first.state());
    assertEquals(2, first.count());
    assertEquals(ms(59_000), first.longest());
    assertEquals(10, first.socketId());
    assertEquals(List.of("java.net.Socket.connect:9", "a.A.get:1"), first.opener().stack());
    Leak second = summary.leaks().get(1);
    assertEquals(TcpState.FIN_WAIT1, second.state());
    assertEquals(ms(50_000), second.longest());
  }

  @Test
  void statesOverTime() {
    Summary summary =
        sum(
            6_400,
            tape -> {
              for (int i = 0; i < 10; i++) {
                tape.moves(i, 1, 0, 1_000 + i, "SYN_SENT", 1_000 + i, "ESTABLISHED");
              }
              for (int i = 0; i < 7; i++) {
                tape.moves(i, 1, 0, 3_000, "FIN_WAIT1", 3_000, "FIN_WAIT2", 3_000, "CLOSE");
                tape.connection(i, 1, 1_000 + i, 3_000, new Tape.Ended());
              }
            });
    // 64 stretches of 128 ms.
    assertEquals(ms(128), summary.stretch());
    StateCounts established = summary.states().get(0);
    assertEquals(TcpState.ESTABLISHED, established.state());
    assertEquals(3, established.now());
    assertEquals(10, established.peak());
    assertEquals(6_400 / 128 + 1, established.overTime().size());
    assertEquals(0, established.overTime().get(999 / 128 - 1));
    assertEquals(10, established.overTime().get(2_000 / 128));
    assertEquals(3, established.overTime().get(3_100 / 128));
    assertEquals(List.of("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_SENT"), states(summary));
  }

  private static List<String> states(Summary summary) {
    return summary.states().stream().map(counts -> counts.state().name()).toList();
  }

  @Test
  void countsAreUsedWithoutTransitions() {
    Consumer<Tape> counts =
        tape -> {
          tape.stateCount(100, 5, 2, 1);
          tape.stateCount(200, 4, 3, 0);
        };
    Summary alone = sum(300, counts);
    assertEquals(List.of("CLOSE_WAIT", "ESTABLISHED", "TIME_WAIT"), states(alone));
    assertEquals(4, alone.states().get(1).now());
    assertEquals(5, alone.states().get(1).peak());

    // With all transitions, only TIME_WAIT is not known from them.
    Summary both = sum(300, counts.andThen(tape -> tape.life(1, 1, 250, 260)));
    assertEquals(
        List.of("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_SENT", "TIME_WAIT"), states(both));
    assertEquals(3, both.states().get(4).now());

    for (Consumer<Tape> loss : LOSSES) {
      Summary lossy = sum(300, counts.andThen(tape -> tape.life(1, 1, 250, 260)).andThen(loss));
      assertEquals(List.of("CLOSE_WAIT", "ESTABLISHED", "TIME_WAIT"), states(lossy));
    }
  }

  @Test
  void acceptQueueByListener() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              tape.move(20, 3, 0, 0, "LISTEN");
              for (int i = 1; i <= 100; i++) {
                Tape.Ended ended = new Tape.Ended();
                ended.kind = SocketKind.ACCEPT;
                ended.listener = 20;
                ended.accepted = i <= 98;
                ended.queueMs = i;
                tape.connection(1_000 + i, 4, 10, 20, ended);
              }
              tape.listenQueue(20, 3, 5_000, 7, 50, 2);
              tape.listenQueue(20, 3, 6_000, 3, 50, 1);
            });
    assertEquals(
        List.of(
            new Listener(
                8080,
                "s.S.listen:3",
                new Distribution(100, ms(50), ms(99), ms(100), true),
                0,
                2,
                7,
                50,
                3)),
        summary.listeners());
    assertEquals(100, summary.accepting().count());
    assertEquals(0, summary.connecting().count());
  }

  @Test
  void slowestHandshakes() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              for (int i = 1; i <= 30; i++) {
                Tape.Ended ended = new Tape.Ended();
                ended.handshakeMs = i % 2 == 0 ? i : 0.1;
                tape.connection(i, 1, 0, 100, ended);
              }
              Tape.Ended never = new Tape.Ended();
              never.established = false;
              never.handshakeMs = 0;
              tape.connection(99, 1, 0, 100, never);
            });
    assertEquals(
        List.of(30L, 28L, 26L, 24L, 22L, 20L, 18L, 16L, 14L, 12L),
        summary.slowest().stream().map(Summary.Handshake::socketId).toList());
    assertEquals(new Distribution(30, ms(0.1), ms(30), ms(30), true), summary.connecting());
  }

  @Test
  void segments() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              // Counted twice, by the events and at the end.
              Tape.Ended ended = new Tape.Ended();
              ended.retransmits = 3;
              tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.retransmit(1, 1, 5, 1);
              tape.retransmit(1, 1, 6, 1);
              tape.move(1, 1, 0, 10, "CLOSE");
              tape.connection(1, 1, 0, 10, ended);
              // Open still.
              tape.moves(2, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.retransmit(2, 1, 5, 1);
              // Of a request that never became a socket.
              tape.retransmit(3, 3, 5, 1);
              tape.reset(1, 10, "RECEIVED");
              tape.reset(7, 10, "SENT");
              tape.reset(8, 10, "SENT");
            });
    assertEquals(new Summary.Segments(5, 3, 2, 1), summary.segments());
    assertEquals(2, summary.connections().connected());
    assertEquals(1, summary.connections().open());
  }

  @Test
  void lossesAreSummedUpByKind() {
    Summary summary =
        sum(
            1_000,
            tape -> {
              tape.lost(3, 100);
              tape.lost(4, 200);
            });
    assertEquals(1, summary.losses().size());
    assertEquals(7, summary.losses().get(0).count());
    assertEquals(Tape.at(0), summary.losses().get(0).from());
    assertEquals(Tape.at(200), summary.losses().get(0).to());
  }

  @Test
  void lossesOfFlightRecorderAreSummedUp() {
    Summary summary =
        sum(
            1_000,
            tape -> {
              tape.bytesLost(300, 200);
              tape.bytesLost(4, 100);
              tape.bytesLost(50, 300);
            });
    assertEquals(new BytesLost(354, Tape.at(100), Tape.at(300)), summary.bytesLost());
    assertEquals(List.of(), summary.losses());
    assertNull(sum(1_000, tape -> {}).bytesLost());
  }

  /** The agent's snapshot of open sockets replaces a lost event. */
  @Test
  void afterALossTheSnapshotOfOpenSocketsCounts() {
    Consumer<Tape> until =
        tape -> {
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.moves(2, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.moves(3, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 2, "FIN_WAIT1");
        };
    Consumer<Tape> listing =
        tape -> {
          tape.chunk(1_000, 2_000);
          tape.jvm(1);
          tape.socketState(1, 1, 1_000, "ESTABLISHED", 1_000);
          tape.chunk(2_000, 3_000);
          tape.jvm(1);
        };
    assertEquals(3, sum(1_000, until.andThen(listing)).connections().open());
    for (Consumer<Tape> loss : LOSSES) {
      Summary lossy = sum(1_000, until.andThen(loss).andThen(listing));
      assertEquals(1, lossy.unknownEnds());
      assertEquals(new Summary.Connections(3, 0, 0, 1, 2, 0), lossy.connections());
    }
  }

  @Test
  void linesBeyondTheLimitAreOne() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              for (int i = 0; i < Summarizer.LINES + 10; i++) {
                tape.life(i, 1_000 + i, 0, 10);
              }
            });
    assertEquals(Summarizer.LINES + 1, summary.churn().size());
    Churn others = summary.churn().get(0);
    assertEquals(Summarizer.OTHER_LINES, others.line());
    assertEquals(
        List.of(10L, 10L, 10L), List.of(others.opened(), others.ended(), others.shortLived()));
  }

  /** A socket's remote address and thread; the line is the same. */
  private static void refused(Tape tape, long socketId, String address) {
    tape.remote = address;
    Tape.Ended ended = new Tape.Ended();
    ended.established = false;
    ended.end = ConnectionEnd.REFUSED;
    ended.reason = "ECONNREFUSED";
    tape.moves(socketId, 1, 0, 1_000, "SYN_SENT", 1_000 + socketId, "CLOSE");
    tape.connection(socketId, 1, 1_000, 1_000 + socketId, ended);
  }

  @Test
  void oneLineAndTwoAddresses() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              refused(tape, 10, "192.0.2.1");
              refused(tape, 20, "192.0.2.2");
              refused(tape, 30, "192.0.2.2");
            });
    assertEquals(
        List.of("192.0.2.2 2 PT0.03S [thread 20, thread 30]", "192.0.2.1 1 PT0.01S [thread 10]"),
        summary.failures().stream()
            .map(f -> f.address() + " " + f.count() + " " + f.longest() + " " + f.threads())
            .toList());
    assertEquals(
        List.of("192.0.2.2:443 2", "192.0.2.1:443 1"),
        summary.churn().stream().map(churn -> churn.remote() + " " + churn.opened()).toList());
    assertEquals(
        "2 connects to 192.0.2.2:443 by a.A.get:1 (threads thread 20, thread 30) failed: REFUSED"
            + " (ECONNREFUSED), after at most 30 ms. Usually no process listens at that port, or a"
            + " firewall rejects.",
        summary.findings().get(0));
  }

  @Test
  void whyTheKernelSentTheReset() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              Tape.Ended ended = new Tape.Ended();
              ended.end = ConnectionEnd.RESET_BY_LOCAL;
              tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.reset(1, 10, "SENT", "TCP_ABORT_ON_CLOSE");
              tape.move(1, 1, 0, 10, "CLOSE");
              tape.connection(1, 1, 0, 10, ended);
            });
    assertEquals("TCP_ABORT_ON_CLOSE", summary.failures().get(0).reason());
  }

  @Test
  void aConnectionThatThePoolKeptForTooLong() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              for (int i = 1; i <= 2; i++) {
                Tape.Ended ended = new Tape.Ended();
                ended.end = ConnectionEnd.RESET_BY_REMOTE;
                ended.reason = "ECONNRESET";
                ended.idleMs = 5_000 * i;
                tape.moves(i, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 5_010, "CLOSE");
                tape.connection(i, 1, 0, 5_010, ended);
              }
            });
    assertEquals(ms(5_000), summary.failures().get(0).idle());
    assertTrue(
        summary.findings().get(0).contains("after being idle for at least 5 s. Usually a pool"),
        summary.findings()::toString);
  }

  @Test
  void aConnectionThatTheRemoteSideClosedWithoutAnAnswer() {
    Consumer<Tape> closed =
        tape -> {
          Tape.Ended ended = new Tape.Ended();
          ended.closedBy = "REMOTE";
          ended.received = tape.thread == null ? 0 : 10;
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 50, "CLOSE_WAIT", 60, "CLOSE");
          tape.connection(1, 1, 0, 60, ended);
        };
    Summary summary = sum(10_000, closed);
    assertTrue(
        summary
            .findings()
            .get(0)
            .startsWith(
                "1 connection opened by a.A.get:1 (thread thread 1): the remote side,"
                    + " 192.0.2.7:443, closed before it had sent anything, after at most 60 ms."),
        summary.findings()::toString);
    // With an answer, that is how many connections end.
    Summary answered =
        sum(
            10_000,
            tape -> {
              tape.thread = "main";
              closed.accept(tape);
            });
    assertEquals(List.of(), answered.findings());
  }

  @Test
  void aConnectionOnWhichNoAnswerCame() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              Tape.Ended ended = new Tape.Ended();
              ended.end = ConnectionEnd.RESET_BY_REMOTE;
              ended.reason = "ECONNRESET";
              ended.idleMs = 5_000;
              ended.received = 0;
              tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 5_010, "CLOSE");
              tape.connection(1, 1, 0, 5_010, ended);
            });
    assertTrue(
        summary
            .findings()
            .get(0)
            .contains("after receiving nothing for at least 5 s. Usually the remote program did"),
        summary.findings()::toString);
  }

  @Test
  void openConnectionsCountToo() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              tape.move(20, 3, 0, 0, "LISTEN");
              tape.open(20, 3, 0, "LISTEN");
              tape.moves(1, 1, 0, 0, "SYN_SENT", 4, "ESTABLISHED");
              tape.moves(21, 3, 20, 0, "SYN_RECV", 2, "ESTABLISHED");
              tape.open(21, 4, 5, "ACCEPT");
              tape.moves(22, 3, 20, 0, "SYN_RECV", 3, "ESTABLISHED"); // never accepted
            });
    assertEquals(new Distribution(1, ms(4), ms(4), ms(4), true), summary.connecting());
    assertEquals(new Distribution(2, ms(2), ms(3), ms(3), true), summary.accepting());
    assertEquals(
        new Listener(
            8080,
            "s.S.listen:3",
            new Distribution(2, ms(3), ms(9_997), ms(9_997), true),
            1,
            0,
            0,
            0,
            0),
        summary.listeners().get(0));
  }

  @Test
  void linesThatOnlyOpen() {
    Consumer<Tape> leak =
        tape -> {
          for (int i = 0; i < 5; i++) {
            tape.moves(10 + i, 1, 0, 1_000 * i, "SYN_SENT", 1_000 * i + 1, "ESTABLISHED");
          }
        };
    Consumer<Tape> pool =
        tape -> {
          for (int i = 0; i < 9; i++) {
            tape.moves(20 + i, 2, 0, 10 * i, "SYN_SENT", 10 * i + 1, "ESTABLISHED");
          }
        };
    assertEquals(List.of(), sum(8_000, pool).growth());
    Summary summary = sum(8_000, pool.andThen(leak));
    assertEquals(1, summary.growth().size());
    assertEquals("a.A.get:1", summary.growth().get(0).line());
    assertEquals(5, summary.growth().get(0).open());
    assertEquals(ms(4_000), summary.growth().get(0).over());
    assertTrue(summary.findings().get(0).contains("opened 5 connections to 192.0.2.7:443 over"));
    // One more has ended, which one of the five may replace.
    assertEquals(
        List.of(), sum(8_000, leak.andThen(tape -> tape.life(30, 1, 5_000, 5_100))).growth());
    assertEquals(List.of(), sum(9_000, leak).growth(), "all in the first half");
  }

  /** The application needs 30 s to start. */
  @Test
  void growthCountsFromTheFirstConnectionOn() {
    Consumer<Tape> leak =
        tape -> {
          for (int i = 0; i < 5; i++) {
            int time = 30_000 + 4_000 * i;
            tape.moves(10 + i, 1, 0, time, "SYN_SENT", time + 1, "ESTABLISHED");
          }
        };
    assertEquals(ms(16_000), sum(60_000, leak).growth().get(0).over());
    assertEquals(List.of(), sum(70_000, leak).growth(), "all in the first half");
    Consumer<Tape> pool =
        tape -> {
          for (int i = 0; i < 9; i++) {
            int time = 59_000 + 100 * i;
            tape.moves(20 + i, 2, 0, time, "SYN_SENT", time + 1, "ESTABLISHED");
          }
        };
    assertEquals(List.of(), sum(60_000, pool).growth(), "filled at the end");
  }

  @Test
  void aLeakOnOneOfTheCodePaths() {
    Consumer<Tape> leak =
        tape -> {
          for (int i = 0; i < 8; i++) {
            tape.moves(10 + i, 1, 0, 1_000 * i, "SYN_SENT", 1_000 * i + 1, "ESTABLISHED");
          }
          tape.life(30, 1, 2_500, 2_600);
          tape.life(31, 1, 5_500, 5_600);
        };
    Summary summary = sum(10_000, leak);
    assertEquals(8, summary.growth().get(0).open());
    assertEquals(2, summary.growth().get(0).ended());
    assertTrue(
        summary
            .findings()
            .get(0)
            .contains("opened 10 connections to 192.0.2.7:443 over 5 s, of which 8 are open."),
        summary.findings()::toString);
    // A pool of nine, of which two were replaced.
    Consumer<Tape> pool =
        tape -> {
          for (int i = 0; i < 7; i++) {
            tape.moves(20 + i, 2, 0, 10 * i, "SYN_SENT", 10 * i + 1, "ESTABLISHED");
          }
          tape.life(40, 2, 0, 4_000);
          tape.life(41, 2, 0, 8_000);
          tape.moves(42, 2, 0, 4_000, "SYN_SENT", 4_001, "ESTABLISHED");
          tape.moves(43, 2, 0, 8_000, "SYN_SENT", 8_001, "ESTABLISHED");
        };
    assertEquals(List.of(), sum(10_000, pool).growth());
  }

  @Test
  void aLongThreadNameKeepsItsStartAndEnd() {
    Summary summary =
        sum(
            10_000,
            tape -> {
              Tape.Ended ended = new Tape.Ended();
              ended.end = ConnectionEnd.REFUSED;
              ended.established = false;
              tape.thread =
                  "C3P0PooledConnectionPoolManager[identityToken->z8k|6369f838]-HelperThread-#2";
              tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "CLOSE");
              tape.connection(1, 1, 0, 1, ended);
            });
    assertTrue(
        summary.findings().get(0).contains("(thread C3P0PooledConnection...838]-HelperThread-#2)"),
        summary.findings()::toString);
  }

  @Test
  void stuckInEstablished() {
    Summary summary =
        sum(
            60_000,
            tape -> {
              tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.stuck(1, 1, 40_000, "ESTABLISHED", StuckCause.UNACKNOWLEDGED, 39_000);
              tape.stuck(1, 1, 60_000, "ESTABLISHED", StuckCause.UNACKNOWLEDGED, 59_000);
              // Read in the end, for no event says otherwise.
              tape.moves(2, 2, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.stuck(2, 2, 40_000, "ESTABLISHED", StuckCause.UNREAD, 39_000);
            });
    assertEquals(
        List.of("a.A.get:1 ESTABLISHED UNACKNOWLEDGED PT59S"),
        summary.leaks().stream()
            .map(l -> l.line() + " " + l.state() + " " + l.cause() + " " + l.longest())
            .toList());
  }

  @Test
  void findingsAreTheWorstFirst() {
    Summary summary =
        sum(
            60_000,
            tape -> {
              for (int i = 1; i <= 3; i++) {
                tape.moves(i, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 1_000, "CLOSE_WAIT");
              }
              tape.moves(4, 2, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
              tape.stuck(4, 2, 60_000, "ESTABLISHED", StuckCause.UNACKNOWLEDGED, 59_000);
              for (int i = 100; i < 200; i++) {
                tape.life(i, 1, i, i + 50);
              }
            });
    List<String> findings = summary.findings();
    assertEquals(3, findings.size());
    assertTrue(findings.get(0).contains("b.B.put:2"), findings::toString);
    assertTrue(
        findings.get(1).startsWith("3 CLOSE_WAIT sockets opened by a.A.get:1"), findings::toString);
    assertTrue(findings.get(2).contains("100 lasted less than 100 ms"), findings::toString);
    assertEquals(List.of(), sum(1_000, tape -> tape.life(1, 1, 0, 500)).findings());
  }
}
