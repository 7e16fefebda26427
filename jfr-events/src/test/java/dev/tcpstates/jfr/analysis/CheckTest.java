// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.Verdict.Offender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CheckTest {
  private static final Path FILE = Path.of("tape.jfr");

  private static void sites(Tape tape) {
    tape.agent(true, null);
    tape.site(1, "CONNECT", "a.A.get:1", "java.net.Socket.connect:9", "a.A.get:1", "a.Main.main:2");
    tape.site(2, "CONNECT", "b.B.put:2", "lib.Pool.open:5", "b.B.put:2");
  }

  /** The rule's verdict; also asserts that the recording is complete. */
  private static Verdict verdict(Rule rule, Consumer<Tape> events) {
    Check check = new Check(List.of(rule), false, false);
    Tape tape = new Tape(check, 10_000);
    sites(tape);
    events.accept(tape);
    List<Verdict> verdicts = check.verdicts(List.of());
    assertEquals(new Verdict("complete", true, "nothing lost", List.of(), 0), verdicts.get(0));
    assertEquals(2, verdicts.size());
    assertEquals(rule.name(), verdicts.get(1).rule());
    return verdicts.get(1);
  }

  private static void assertLimit(
      Consumer<Tape> events, Rule passes, Rule fails, String foundGreen, String foundRed) {
    assertEquals(
        new Verdict(passes.name(), true, foundGreen, List.of(), 0), verdict(passes, events));
    Verdict red = verdict(fails, events);
    assertFalse(red.passed(), red::toString);
    assertEquals(foundRed, red.found());
  }

  private static void assertLimit(Consumer<Tape> events, Rule passes, Rule fails, String found) {
    assertLimit(events, passes, fails, found, found);
  }

  private static void ends(Tape tape, long socketId, long site, String end, boolean established) {
    Tape.Ended ended = new Tape.Ended();
    ended.end = ConnectionEnd.valueOf(end);
    ended.established = established;
    tape.moves(socketId, site, 0, 100, "SYN_SENT", 200, "CLOSE");
    tape.connection(socketId, site, 100, 200, ended);
  }

  @Test
  void closeWait() {
    Consumer<Tape> events =
        tape -> {
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 2_000, "CLOSE_WAIT");
          tape.moves(2, 2, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 1_000, "CLOSE_WAIT");
          tape.moves(3, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 3_000, "CLOSE_WAIT");
          tape.moves(4, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 3_000, "CLOSE_WAIT");
          tape.moves(4, 1, 0, 3_500, "LAST_ACK", 3_500, "CLOSE");
          tape.connection(4, 1, 0, 3_500, new Tape.Ended());
        };
    assertLimit(events, Rule.maxCloseWait(3), Rule.maxCloseWait(2), "3 sockets in CLOSE_WAIT");
    Verdict red = verdict(Rule.maxCloseWait(0), events);
    assertEquals(2, red.offenders().size());
    Offender worst = red.offenders().get(0);
    assertEquals(2, worst.sockets());
    assertEquals(
        List.of("java.net.Socket.connect:9", "a.A.get:1", "a.Main.main:2"), worst.opener().stack());
    assertEquals("127.0.0.1:40003 > 192.0.2.7:443 in CLOSE_WAIT for 7 s", worst.worst());
    assertEquals("thread 3", worst.openThread());

    assertEquals(
        new Verdict("max-close-wait-time 9s", true, "at most 9 s in CLOSE_WAIT", List.of(), 0),
        verdict(Rule.maxCloseWaitTime(Duration.ofSeconds(9)), events));
    Verdict longer = verdict(Rule.maxCloseWaitTime(Duration.ofMillis(8_999)), events);
    assertFalse(longer.passed());
    assertEquals("at most 9 s in CLOSE_WAIT, 1 of 4 longer than allowed", longer.found());
    assertEquals("b.B.put:2", longer.offenders().get(0).opener().line());
    // What was closed in the end counts too.
    assertFalse(
        verdict(
                Rule.maxCloseWaitTime(Duration.ofMillis(499)),
                tape -> {
                  tape.moves(4, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 3_000, "CLOSE_WAIT");
                  tape.moves(4, 1, 0, 3_500, "LAST_ACK", 3_500, "CLOSE");
                  tape.connection(4, 1, 0, 3_500, new Tape.Ended());
                })
            .passed());
  }

  @Test
  void openGrowth() {
    assertLimit(
        tape -> {
          // Two more than before, of one stack; and one of another, in place of an older one.
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.moves(2, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.life(3, 1, 0, 100);
          tape.socketState(4, 2, 0, "ESTABLISHED", 5_000);
          tape.transition(4, 2, 0, -5_000, 300, "ESTABLISHED", "CLOSE", "x");
          tape.connection(4, 2, -5_000, 300, new Tape.Ended());
          tape.moves(5, 2, 0, 400, "SYN_SENT", 401, "ESTABLISHED");
        },
        Rule.maxOpenGrowth(2),
        Rule.maxOpenGrowth(1),
        "at most 2 more open connections with one stack than before",
        "at most 2 more open connections with one stack than before");
  }

  @Test
  void leaks() {
    assertLimit(
        tape -> {
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.life(2, 1, 0, 100);
        },
        Rule.noLeaks(),
        Rule.maxOpen(0),
        "0 leaked or stuck sockets",
        "1 open connection");
    assertFalse(
        verdict(
                Rule.noLeaks(),
                tape -> {
                  tape.moves(1, 1, 0, 0, "SYN_SENT");
                  tape.stuck(1, 1, 5_000, "SYN_SENT", 5_000);
                })
            .passed());
    assertFalse(
        verdict(
                Rule.noLeaks(),
                tape -> tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED", 2, "CLOSE_WAIT"))
            .passed());
  }

  /** Each end counts for the rules that it breaks, and for no other. */
  @Test
  void ends() {
    Consumer<Tape> events =
        tape -> {
          ends(tape, 1, 1, "RESET_BY_REMOTE", true);
          ends(tape, 2, 1, "RESET_BY_LOCAL", true);
          ends(tape, 3, 1, "REFUSED", false);
          ends(tape, 4, 1, "TIMEOUT", false);
          ends(tape, 5, 1, "ABANDONED", false);
          ends(tape, 6, 1, "TIMEOUT", true);
          ends(tape, 7, 1, "FIN", true);
        };
    assertLimit(events, Rule.maxResets(2), Rule.maxResets(1), "2 reset connections");
    assertLimit(events, Rule.maxFailures(4), Rule.maxFailures(3), "4 failed connections");
    assertEquals("1 refused connection", verdict(Rule.noRefused(), events).found());
    assertFalse(verdict(Rule.noRefused(), events).passed());
    assertTrue(verdict(Rule.noRefused(), tape -> ends(tape, 1, 1, "TIMEOUT", false)).passed());
    assertLimit(events, Rule.maxConnections(7), Rule.maxConnections(6), "7 connections");
    assertLimit(events, Rule.minConnections(7), Rule.minConnections(8), "7 connections");
  }

  @Test
  void openConnectionsAreJudgedToo() {
    Consumer<Tape> events =
        tape -> {
          tape.moves(1, 1, 0, 0, "SYN_SENT", 70, "ESTABLISHED");
          tape.moves(2, 2, 0, 0, "SYN_SENT", 20, "ESTABLISHED");
        };
    assertLimit(
        events,
        Rule.maxHandshake(Duration.ofMillis(70)),
        Rule.maxHandshake(Duration.ofMillis(69)),
        "at most 70 ms to be established",
        "at most 70 ms to be established, 1 of 2 longer than allowed");
    assertFalse(verdict(Rule.maxHandshakeP99(Duration.ofMillis(69)), events).passed());
    assertLimit(
        tape -> {
          tape.moves(901, 1, 900, 100, "SYN_RECV", 101, "ESTABLISHED");
          tape.open(901, 1, 131, "ACCEPT");
        },
        Rule.maxAcceptWait(Duration.ofMillis(30)),
        Rule.maxAcceptWait(Duration.ofMillis(29)),
        "at most 30 ms in the accept queue",
        "at most 30 ms in the accept queue, 1 of 1 longer than allowed");
  }

  /** Two wait until the recording ends at 10 s. */
  @Test
  void connectionsInTheAcceptQueueAreJudged() {
    assertLimit(
        tape -> {
          tape.moves(901, 1, 900, 100, "SYN_RECV", 101, "ESTABLISHED");
          tape.moves(902, 1, 900, 120, "SYN_RECV", 121, "ESTABLISHED");
          tape.moves(903, 1, 900, 140, "SYN_RECV", 141, "ESTABLISHED");
          tape.open(903, 1, 151, "ACCEPT");
        },
        Rule.maxAcceptWait(Duration.ofMillis(9_899)),
        Rule.maxAcceptWait(Duration.ofMillis(29)),
        "at most 9.90 s in the accept queue",
        "at most 9.90 s in the accept queue, 2 of 3 longer than allowed");
  }

  @Test
  void aLimitThatNoConnectionCanBreakFails() {
    Duration hour = Duration.ofHours(1);
    for (Rule rule :
        List.of(Rule.maxHandshake(hour), Rule.maxHandshakeP99(hour), Rule.maxAcceptWait(hour))) {
      Verdict nothing = verdict(rule, tape -> ends(tape, 1, 1, "REFUSED", false));
      assertFalse(nothing.passed());
      assertTrue(nothing.found().startsWith("nothing to judge: none "), nothing.found());
    }
    // That no socket was in this state is what the rule asks for.
    assertTrue(verdict(Rule.maxCloseWaitTime(hour), tape -> {}).passed());
    Check lenient = new Check(List.of(Rule.maxHandshake(hour)), false, true);
    sites(new Tape(lenient, 10_000));
    assertEquals(
        new Verdict("max-handshake 60min", true, "none to be established", List.of(), 0),
        lenient.verdicts(List.of()).get(1));
  }

  @Test
  void connectionsToAnAdoptedListenerCount() {
    Consumer<Tape> events =
        tape -> {
          tape.site(9, "ADOPTED", "opened before the agent");
          for (int child = 901; child <= 903; child++) {
            tape.moves(child, 9, 900, 100, "SYN_RECV", 101, "ESTABLISHED");
          }
          tape.moves(902, 9, 900, 150, "CLOSE_WAIT", 160, "LAST_ACK", 170, "CLOSE");
          Tape.Ended ended = new Tape.Ended();
          ended.kind = SocketKind.ACCEPT;
          ended.listener = 900;
          tape.connection(902, 9, 100, 170, ended);
          // It was open when the agent came.
          tape.socketState(904, 9, 50, "ESTABLISHED", 10);
        };
    assertLimit(events, Rule.minConnections(3), Rule.minConnections(4), "3 connections");
  }

  @Test
  void handshakes() {
    Consumer<Tape> events =
        tape -> {
          for (int i = 1; i <= 200; i++) {
            Tape.Ended ended = new Tape.Ended();
            ended.handshakeMs = i <= 2 ? 60 : 10;
            tape.moves(i, i == 2 ? 2 : 1, 0, 100, "SYN_SENT", 200, "CLOSE");
            tape.connection(i, i == 2 ? 2 : 1, 100, 200, ended);
          }
          // Neither an accepted one nor one that never was has a handshake of this side.
          Tape.Ended accepted = new Tape.Ended();
          accepted.kind = SocketKind.ACCEPT;
          accepted.listener = 900;
          accepted.handshakeMs = 500;
          accepted.queueMs = 30;
          tape.moves(901, 1, 900, 100, "SYN_RECV", 101, "ESTABLISHED", 200, "CLOSE");
          tape.connection(901, 1, 100, 200, accepted);
          ends(tape, 902, 1, "REFUSED", false);
        };
    assertTrue(verdict(Rule.maxHandshake(Duration.ofMillis(60)), events).passed());
    Verdict slow = verdict(Rule.maxHandshake(Duration.ofMillis(59)), events);
    assertFalse(slow.passed());
    assertEquals("at most 60 ms to be established, 2 of 200 longer than allowed", slow.found());
    assertEquals(2, slow.offenders().size());
    assertTrue(verdict(Rule.maxHandshakeP99(Duration.ofMillis(10)), events).passed());
    assertFalse(
        verdict(
                Rule.maxHandshakeP99(Duration.ofMillis(10)),
                events.andThen(
                    tape -> {
                      Tape.Ended third = new Tape.Ended();
                      third.handshakeMs = 11;
                      tape.moves(300, 1, 0, 100, "SYN_SENT", 200, "CLOSE");
                      tape.connection(300, 1, 100, 200, third);
                    }))
            .passed());
    assertTrue(verdict(Rule.maxAcceptWait(Duration.ofMillis(30)), events).passed());
    assertFalse(verdict(Rule.maxAcceptWait(Duration.ofMillis(29)), events).passed());
  }

  @Test
  void retransmits() {
    assertLimit(
        tape -> {
          tape.moves(1, 1, 0, 0, "SYN_SENT", 1, "ESTABLISHED");
          tape.retransmit(1, 1, 5, 1);
          tape.retransmit(1, 1, 6, 2);
        },
        Rule.maxRetransmits(3),
        Rule.maxRetransmits(2),
        "3 retransmits");
  }

  @Test
  void sites() {
    Consumer<Tape> events =
        tape -> {
          for (int i = 1; i <= 5; i++) {
            tape.life(i, i <= 3 ? 1 : 2, 100, 200);
          }
          tape.moves(9, 1, 8, 100, "SYN_RECV", 100, "ESTABLISHED");
        };
    assertLimit(
        events,
        Rule.maxConnectionsPerSite(3),
        Rule.maxConnectionsPerSite(2),
        "at most 3 connections with one stack");
    Verdict red = verdict(Rule.maxConnectionsPerSite(2), events);
    assertEquals(1, red.offenders().size());
    assertEquals(3, red.offenders().get(0).sockets());
    assertEquals("a.A.get:1", red.offenders().get(0).opener().line());

    assertEquals("2 connections", verdict(Rule.noConnectionsFrom("lib"), events).found());
    assertEquals("2 connections", verdict(Rule.noConnectionsFrom("lib.Pool"), events).found());
    assertFalse(verdict(Rule.noConnectionsFrom("lib"), events).passed());
    assertTrue(verdict(Rule.noConnectionsFrom("li"), events).passed());
    assertTrue(verdict(Rule.noConnectionsFrom("Pool"), events).passed());
  }

  private static Verdict complete(
      boolean lossAllowed, Consumer<Tape> events, ReadProblem... problems) {
    Check check = new Check(List.of(Rule.noLeaks()), lossAllowed, false);
    events.accept(new Tape(check, 10_000));
    return check.verdicts(List.of(problems)).get(0);
  }

  private static void assertIncomplete(String found, Consumer<Tape> events) {
    Verdict strict = complete(false, events);
    assertFalse(strict.passed());
    assertEquals(found, strict.found());
    Verdict lax = complete(true, events);
    assertTrue(lax.passed());
    assertEquals(found + " (allowed)", lax.found());
  }

  @Test
  void withoutAgentNothingIsProven() {
    for (boolean lossAllowed : new boolean[] {false, true}) {
      Verdict none = complete(lossAllowed, tape -> {});
      assertFalse(none.passed());
      assertTrue(none.found().startsWith("no agent: "), none::found);
      Verdict idle = complete(lossAllowed, tape -> tape.agent(false, "EPERM"));
      assertFalse(idle.passed());
      assertEquals("the agent did not record: EPERM", idle.found());
    }
  }

  @Test
  void losses() {
    assertIncomplete(
        "lost 7 tcpstates.StateChange (RING_FULL)",
        tape -> {
          sites(tape);
          tape.lost(3, 100);
          tape.lost(4, 100);
        });
    Verdict cut =
        complete(false, CheckTest::sites, new ReadProblem(FILE, 0, true, "tape.jfr is cut short"));
    assertFalse(cut.passed());
    assertEquals("tape.jfr is cut short", cut.found());
  }

  @Test
  void lossesOfFlightRecorder() {
    assertIncomplete(
        "Flight Recorder lost 1003 bytes of events of unknown types, because its buffers were full,"
            + " at 2026-01-02T03:04:05Z to 2026-01-02T03:04:07Z",
        tape -> {
          sites(tape);
          tape.bytesLost(1000, 999);
          tape.bytesLost(3, 2000);
        });
  }

  /** A rule proves nothing if the kernel has no tracepoint for the events that would break it. */
  @Test
  void eventsThatTheKernelDoesNotSupport() {
    String noReset = "Reset RECEIVED (this kernel has no tracepoint tcp_receive_reset)";
    String noSynAck = "Retransmit of SYN_ACK (EINVAL, no Reset); " + noReset;
    String noList = "StateCount, StuckSocket of SYN_RECV (EPERM)";
    assertUntold(Rule.maxResets(0), noReset);
    assertUntold(Rule.maxResets(0), noSynAck);
    assertUntold(Rule.maxRetransmits(3), noSynAck);
    assertUntold(Rule.noLeaks(), noList);
    assertUntold(Rule.noLeaks(), noList + "; " + noReset);

    assertTold(Rule.maxResets(0), noList);
    assertTold(Rule.maxResets(0), "Retransmit (EINVAL, no Reset)");
    assertTold(Rule.maxRetransmits(3), noReset);
    assertTold(Rule.maxRetransmits(3), noList);
    assertTold(Rule.noLeaks(), noSynAck);
    assertTold(Rule.noRefused(), noList + "; " + noSynAck);
  }

  private static List<Verdict> verdicts(Rule rule, boolean lossAllowed, String missing) {
    Check check = new Check(List.of(rule), lossAllowed, false);
    Tape tape = new Tape(check, 10_000);
    tape.agent(true, null, missing);
    // Another JVM of the same recordings, on another kernel.
    tape.agent(true, null);
    return check.verdicts(List.of());
  }

  private static void assertUntold(Rule rule, String missing) {
    String found = rule.name() + " is not proven, because of what is not recorded: " + missing;
    assertEquals(
        new Verdict("complete", false, found, List.of(), 0), verdicts(rule, false, missing).get(0));
    assertEquals(
        new Verdict("complete", true, found + " (allowed)", List.of(), 0),
        verdicts(rule, true, missing).get(0));
  }

  private static void assertTold(Rule rule, String missing) {
    assertEquals(
        new Verdict("complete", true, "nothing lost", List.of(), 0),
        verdicts(rule, false, missing).get(0));
  }

  @Test
  void disabledEvents() {
    assertIncomplete(
        "2 connections ended without a tcpstates.Connection event: it is disabled, or has a"
            + " threshold",
        tape -> {
          sites(tape);
          tape.moves(1, 1, 0, 100, "SYN_SENT", 101, "ESTABLISHED", 102, "CLOSE");
          tape.moves(2, 1, 0, 100, "SYN_SENT", 101, "ESTABLISHED", 102, "CLOSE");
          tape.life(3, 1, 100, 200);
        });
    assertIncomplete(
        "1 connection ended without a tcpstates.StateChange event: it is disabled, or has a"
            + " threshold",
        tape -> {
          sites(tape);
          tape.connection(1, 1, 100, 200, new Tape.Ended());
          tape.life(3, 1, 100, 200);
        });
  }

  /** The recording may have started or ended between a connection's last two events. */
  @Test
  void edgesAreNoLoss() {
    assertTrue(
        complete(
                false,
                tape -> {
                  sites(tape);
                  tape.connection(1, 1, 0, 5, new Tape.Ended());
                  tape.moves(2, 1, 0, 100, "SYN_SENT", 101, "ESTABLISHED", 9_995, "CLOSE");
                })
            .passed());
  }
}
