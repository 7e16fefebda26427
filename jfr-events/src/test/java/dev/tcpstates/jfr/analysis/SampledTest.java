// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.ConnectionEnd;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.analysis.StackWeights.Weight;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recordings of an agent that polls: what they prove, and what they do not. */
class SampledTest {
  private static final String LINE =
      "sampled every 1 s: transitions, resets, retransmits and connections shorter than the"
          + " interval are not recorded (EPERM)";

  private static final int SECOND = 1_000;

  private static Tape tape(TcpEventHandler to) {
    Tape tape = new Tape(to, 60 * SECOND);
    tape.site(1, "CONNECT", "a.A.get:1", "java.net.Socket.connect:9", "a.A.get:1");
    tape.site(2, "CONNECT", "b.B.put:2", "lib.Pool.open:5", "b.B.put:2");
    tape.site(3, "ACCEPT", "s.S.serve:3", "s.S.serve:3");
    return tape;
  }

  private static List<Verdict> verdicts(Rule rule, boolean lossAllowed, Consumer<Tape> events) {
    Check check = new Check(List.of(rule), lossAllowed, false);
    Tape tape = tape(check);
    tape.sampling(1, "EPERM", "all", 0);
    events.accept(tape);
    List<Verdict> verdicts = check.verdicts(List.of());
    assertEquals(2, verdicts.size());
    return verdicts;
  }

  private static Verdict verdict(Rule rule, Consumer<Tape> events) {
    List<Verdict> verdicts = verdicts(rule, false, events);
    assertEquals(
        new Verdict("complete", true, "nothing lost; " + LINE, List.of(), 0), verdicts.get(0));
    return verdicts.get(1);
  }

  private static void assertVerdict(
      boolean passed, String found, Rule rule, Consumer<Tape> events) {
    Verdict verdict = verdict(rule, events);
    assertEquals(found, verdict.found());
    assertEquals(passed, verdict.passed(), verdict::toString);
  }

  /** A connection that a poll found, and whose end is unknown. */
  private static void found(Tape tape, long socketId, long site, long start, long end) {
    tape.connection(socketId, site, start, end, unknownEnd());
  }

  private static Tape.Ended unknownEnd() {
    Tape.Ended ended = new Tape.Ended();
    ended.end = ConnectionEnd.UNKNOWN;
    ended.uncertaintyMs = SECOND;
    ended.handshakeMs = -1;
    ended.queueMs = -1;
    ended.establishedMs = -1;
    ended.closeWaitMs = -1;
    return ended;
  }

  static Stream<Rule> unproven() {
    return Stream.of(
        Rule.maxCloseWait(9),
        Rule.maxCloseWaitTime(Duration.ofHours(1)),
        Rule.maxOpen(9),
        Rule.maxResets(9),
        Rule.noRefused(),
        Rule.maxFailures(9),
        Rule.maxRetransmits(9),
        Rule.maxHandshake(Duration.ofHours(1)),
        Rule.maxHandshakeP99(Duration.ofHours(1)),
        Rule.maxAcceptWait(Duration.ofHours(1)));
  }

  @ParameterizedTest
  @MethodSource("unproven")
  void whatReliesOnTransitionsOrEndsIsNotProven(Rule rule) {
    Consumer<Tape> events =
        tape -> {
          tape.open(1, 1, 100, "CONNECT");
          found(tape, 1, 1, 100, 5 * SECOND);
        };
    List<Verdict> strict = verdicts(rule, false, events);
    assertTrue(strict.get(0).passed());
    assertFalse(strict.get(1).passed());
    String found = strict.get(1).found();
    assertTrue(found.startsWith("can't be proven: sampled recording (seen: "), found);
    assertEquals(List.of(), strict.get(1).offenders());
  }

  @ParameterizedTest
  @MethodSource("unproven")
  void unlessThatIsAllowed(Rule rule) {
    Verdict lax = verdicts(rule, true, tape -> {}).get(1);
    assertTrue(lax.passed());
    assertTrue(lax.found().endsWith(") (allowed)"), lax::found);
  }

  @Test
  void whatBreaksARuleIsProofThough() {
    Tape.Ended reset = unknownEnd();
    reset.end = ConnectionEnd.RESET_BY_REMOTE;
    reset.retransmits = 3;
    Consumer<Tape> events = tape -> tape.connection(1, 1, 100, 5 * SECOND, reset);
    assertVerdict(false, "1 reset connection", Rule.maxResets(0), events);
    assertVerdict(false, "3 retransmits", Rule.maxRetransmits(2), events);
    assertEquals(1, verdict(Rule.maxResets(0), events).offenders().size());

    Tape.Ended late = unknownEnd();
    late.closeWaitMs = 8 * SECOND;
    assertVerdict(
        false,
        "at most 8 s in CLOSE_WAIT, 1 of 1 longer than allowed",
        Rule.maxCloseWaitTime(Duration.ofSeconds(7)),
        tape -> tape.connection(1, 1, 100, 9 * SECOND, late));
  }

  @Test
  void leaksAreWhatPollsAndStuckSocketFind() {
    String bound = ", by polls and StuckSocket";
    Consumer<Tape> healthy =
        tape -> {
          tape.socketState(1, 1, 2, "ESTABLISHED", 100);
          tape.open(2, 1, 100, "CONNECT");
        };
    assertVerdict(true, "0 leaked or stuck sockets" + bound, Rule.noLeaks(), healthy);
    assertVerdict(
        false,
        "1 leaked or stuck socket" + bound,
        Rule.noLeaks(),
        healthy.andThen(tape -> tape.stuck(2, 1, 59 * SECOND, "CLOSE_WAIT", 40 * SECOND)));
    assertVerdict(
        false,
        "1 leaked or stuck socket" + bound,
        Rule.noLeaks(),
        healthy.andThen(tape -> tape.socketState(3, 1, 3, "CLOSE_WAIT", 5)));
  }

  /** A stuck socket that is not in a later chunk's snapshot has been closed. */
  @Test
  void whatTheNextListLacksHasEnded() {
    Consumer<Tape> stuck =
        tape -> {
          tape.open(2, 1, 100, "CONNECT");
          tape.stuck(2, 1, 59 * SECOND, "CLOSE_WAIT", 40 * SECOND);
          tape.chunk(60 * SECOND, 90 * SECOND);
          tape.jvm(1);
          tape.socketState(9, 1, 60 * SECOND, "ESTABLISHED", 1);
        };
    assertTrue(verdict(Rule.noLeaks(), stuck).passed());
    assertFalse(
        verdict(
                Rule.noLeaks(),
                stuck.andThen(
                    tape -> tape.socketState(2, 1, 60 * SECOND, "CLOSE_WAIT", 41 * SECOND)))
            .passed());
  }

  /** Each socket that Java code opens connects at most once. */
  @Test
  void openingsBoundConnections() {
    String by = ", counted by the sockets that Java code opened";
    Consumer<Tape> events =
        tape -> {
          tape.open(1, 1, 100, "CONNECT");
          found(tape, 1, 1, 100, 5 * SECOND);
          tape.open(2, 1, 200, "CONNECT"); // no poll found it
          tape.open(3, 2, 300, "CONNECT");
          tape.open(4, 3, 300, "ACCEPT");
          tape.open(5, 3, 300, "LISTEN");
        };
    assertVerdict(true, "3 connections" + by, Rule.maxConnections(3), events);
    assertVerdict(false, "3 connections" + by, Rule.maxConnections(2), events);
    assertVerdict(
        true, "at most 2 connections with one stack" + by, Rule.maxConnectionsPerSite(2), events);
    assertFalse(verdict(Rule.maxConnectionsPerSite(1), events).passed());
    assertVerdict(true, "0 connections" + by, Rule.noConnectionsFrom("c"), events);
    Verdict red = verdict(Rule.noConnectionsFrom("lib"), events);
    assertFalse(red.passed());
    assertEquals("b.B.put:2", red.offenders().get(0).opener().line());
    assertTrue(
        red.offenders().get(0).worst().startsWith("a socket of unknown address"), red::toString);
  }

  /** An opening before the AgentState event that has the mode counts too. */
  @Test
  void openingsBeforeTheFirstStateCount() {
    Check check = new Check(List.of(Rule.maxConnections(0)), false, false);
    Tape tape = tape(check);
    tape.open(1, 1, 0, "CONNECT");
    tape.sampling(1, "EPERM", "all", 0);
    assertFalse(check.verdicts(List.of()).get(1).passed());
  }

  @Test
  void openingsProveNothingWithoutAllHooks() {
    for (Consumer<Tape> gap :
        List.<Consumer<Tape>>of(
            tape -> tape.sampling(2, "EPERM", "missing: sun.nio.ch.Net.socket", 0),
            tape -> tape.sampling(2, "EPERM", "all", 1),
            tape -> found(tape, 7, 1, 3 * SECOND, 5 * SECOND))) {
      Check check = new Check(List.of(Rule.maxConnections(9)), false, false);
      Tape tape = tape(check);
      tape.sampling(1, "EPERM", "all", 0);
      gap.accept(tape);
      Verdict verdict = check.verdicts(List.of()).get(1);
      assertFalse(verdict.passed());
      assertTrue(
          verdict.found().startsWith("can't be proven: sampled recording, and "), verdict::found);
    }
    // It may have been opened before the recording: its start is uncertain.
    assertTrue(
        verdict(Rule.maxConnections(1), tape -> found(tape, 7, 1, 900, 5 * SECOND)).passed());
  }

  /** A socket that was opened may not have connected: only what a poll found counts. */
  @Test
  void atLeastWhatPollsFoundAndAcceptReturned() {
    Consumer<Tape> events =
        tape -> {
          tape.open(1, 1, 100, "CONNECT");
          found(tape, 1, 1, 100, 5 * SECOND);
          tape.open(2, 1, 200, "CONNECT");
          tape.open(4, 3, 300, "ACCEPT");
        };
    assertVerdict(true, "at least 2 connections", Rule.minConnections(2), events);
    assertVerdict(
        false,
        "can't be proven: sampled recording, at least 2 connections",
        Rule.minConnections(3),
        events);
  }

  /** One JVM of several is enough. */
  @Test
  void anExactJvmBesideProvesNoMore() {
    Check check = new Check(List.of(Rule.maxResets(0), Rule.maxConnections(2)), false, false);
    Tape tape = tape(check);
    tape.agent(true, null);
    tape.open(1, 1, 100, "CONNECT");
    tape.life(1, 1, 100, 200);
    tape.chunk(0, 60 * SECOND);
    tape.jvm(2);
    tape.sampling(1, "EPERM", "all", 0);
    tape.open(1, 1, 100, "CONNECT");
    List<Verdict> verdicts = check.verdicts(List.of());
    assertTrue(verdicts.get(0).passed());
    assertFalse(verdicts.get(1).passed());
    assertTrue(verdicts.get(2).passed());
    assertTrue(verdicts.get(2).found().startsWith("2 connections, "), verdicts.get(2)::found);
  }

  @Test
  void summary() {
    Summarizer summarizer = new Summarizer();
    Tape tape = tape(summarizer);
    tape.sampling(1, "EPERM", "all", 0);
    tape.open(1, 1, 100, "CONNECT");
    found(tape, 1, 1, 100, 5 * SECOND);
    tape.open(2, 1, 200, "CONNECT");
    Tape.Ended accepted = unknownEnd();
    accepted.kind = SocketKind.ACCEPT;
    accepted.listener = 8;
    tape.connection(3, 3, 300, 5 * SECOND, accepted);
    tape.open(4, 2, 400, "CONNECT");
    tape.stuck(4, 2, 59 * SECOND, "CLOSE_WAIT", 40 * SECOND);
    Summary summary = summarizer.result();
    assertEquals(List.of(LINE), summary.sampled());
    assertTrue(summary.isSampled());
    assertEquals(new Summary.Connections(3, 1, 0, 2, 2, 0), summary.connections());
    assertEquals(0, summary.connecting().count() + summary.accepting().count());
    assertEquals(List.of(), summary.slowest());
    assertEquals(List.of(), summary.failures());
    assertEquals(TcpState.CLOSE_WAIT, summary.leaks().get(0).state());
    assertEquals("b.B.put:2", summary.leaks().get(0).line());
    assertEquals(0, summary.unknownEnds());
  }

  @Test
  void anExactSummaryIsNotSampled() {
    Summarizer summarizer = new Summarizer();
    tape(summarizer).agent(true, null);
    assertEquals(List.of(), summarizer.result().sampled());
  }

  @Test
  void stacksByTimeInAStateAreThoseOfTheEnds() {
    StackWeights weights = new StackWeights(new Weight.TimeIn(TcpState.CLOSE_WAIT));
    Tape tape = tape(weights);
    tape.sampling(1, "EPERM", "all", 0);
    Tape.Ended ended = unknownEnd();
    ended.closeWaitMs = 4 * SECOND;
    tape.connection(1, 1, 100, 9 * SECOND, ended);
    tape.connection(2, 2, 100, 9 * SECOND, unknownEnd());
    List<StackWeights.Weighed> result = weights.result();
    assertEquals(1, result.size());
    assertEquals(4_000_000, result.get(0).weight());
    assertFalse(weights.isComplete());
  }
}
