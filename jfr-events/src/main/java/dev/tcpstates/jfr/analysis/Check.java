// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.TcpState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks a recording against rules. The first verdict is always on the recording itself, because
 * rules prove nothing if the agent did not record or something was lost.
 *
 * <p>If the agent polled the sockets, a rule fails if the recording can't have what breaks it.
 */
public final class Check extends SocketModel {
  /** The name of the rule on the recording itself. */
  public static final String COMPLETE = "complete";

  /** So close to the recording's start or end, only one of two events may be in it. */
  private static final Duration MARGIN = Duration.ofMillis(20);

  private final List<Rule> rules;
  private final boolean lossAllowed;
  private final boolean emptyAllowed;
  private final Map<String, Long> lost = new LinkedHashMap<>();
  private BytesLost bytesLost;
  private AgentInfo agent;
  private Instant start;
  private Instant last;
  private long withoutConnection;
  private long withoutTransition;
  private long withoutOpen;

  /**
   * @param lossAllowed whether an incomplete recording may pass
   * @param emptyAllowed whether a limit of a duration may pass that no connection has
   */
  public Check(List<Rule> rules, boolean lossAllowed, boolean emptyAllowed) {
    this.rules = List.copyOf(rules);
    this.lossAllowed = lossAllowed;
    this.emptyAllowed = emptyAllowed;
  }

  @Override
  protected void timeReached(Instant time) {
    start = start == null || time.isBefore(start) ? time : start;
    last = last == null || time.isAfter(last) ? time : last;
  }

  @Override
  public void agentState(AgentInfo state) {
    super.agentState(state);
    agent = state;
  }

  @Override
  public void loss(Loss loss) {
    super.loss(loss);
    lost.merge(loss.lostType() + " (" + loss.reason() + ")", (long) loss.count(), Long::sum);
  }

  @Override
  public void dataLoss(DataLoss loss) {
    super.dataLoss(loss);
    bytesLost = BytesLost.sum(bytesLost, loss);
  }

  @Override
  protected void stateLeft(SocketLife socket, TcpState state, Duration time) {
    rules.forEach(rule -> rule.stateLeft(socket, state, time));
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    rules.forEach(rule -> rule.ended(socket, end));
    if (isCurrentSampled()) {
      withoutOpen += isOpeningLost(socket) ? 1 : 0;
    } else if (end == null && socket.isConnection()) {
      ConnectionInfo connection = socket.connection();
      Instant time = connection == null ? socket.since() : connection.endTime();
      if (time.isAfter(start.plus(MARGIN)) && time.isBefore(last.minus(MARGIN))) {
        withoutConnection += connection == null ? 1 : 0;
        withoutTransition += socket.isCloseRecorded() || failedAtOnce(connection) ? 0 : 1;
      }
    }
  }

  /** A connect that fails before a segment is sent may have no transition. */
  private static boolean failedAtOnce(ConnectionInfo connection) {
    return connection != null && !connection.established() && connection.segmentsSent() == 0;
  }

  /** Whether a poll found a connection of this side that has no {@code SocketOpen} event. */
  private boolean isOpeningLost(SocketLife socket) {
    ConnectionInfo connection = socket.connection();
    if (connection == null || socket.isOpenRecorded() || !Rule.isConnect(socket)) {
      return false;
    }
    Instant surelyInside = start.plus(MARGIN).plus(connection.uncertainty());
    return connection.startTime().isAfter(surelyInside);
  }

  /**
   * Returns the verdicts: on the recording itself, then on each rule in order. To be called once,
   * when all events were read.
   *
   * @param problems what could not be read
   */
  public List<Verdict> verdicts(List<ReadProblem> problems) {
    end();
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(complete(problems));
    rules.forEach(rule -> verdicts.add(proven(rule)));
    return verdicts;
  }

  /** The rule's verdict, unless it is one that a sampled recording can't prove. */
  private Verdict proven(Rule rule) {
    Verdict verdict = rule.verdict();
    if (!limits().isSampled()) {
      return rule.judgedNothing() && !emptyAllowed ? nothingToJudge(verdict) : verdict;
    }
    return switch (rule.proof()) {
      case STUCK -> withText(verdict, verdict.found() + ", by polls and StuckSocket");
      case LOWER_BOUND ->
          withText(
              verdict,
              verdict.passed()
                  ? "at least " + verdict.found()
                  : "can't be proven: sampled recording, at least " + verdict.found());
      case UPPER_BOUND -> {
        List<String> gaps = new ArrayList<>(limits().unhooked());
        if (withoutOpen > 0) {
          gaps.add(
              Words.count(withoutOpen, "connection")
                  + " began without a tcpstates.SocketOpen event: it is disabled, or no hooked"
                  + " method opened them");
        }
        String bound = verdict.found() + ", counted by the sockets that Java code opened";
        yield gaps.isEmpty()
            ? withText(verdict, bound)
            : unproven(verdict, "sampled recording, and " + String.join("; ", gaps));
      }
      case NONE -> unproven(verdict, "sampled recording");
    };
  }

  /** A sampled recording can prove that a rule is broken, but not that it is kept. */
  private Verdict unproven(Verdict verdict, String why) {
    if (!verdict.passed()) {
      return verdict;
    }
    String found = "can't be proven: " + why + " (seen: " + verdict.found() + ")";
    return lossAllowed
        ? withText(verdict, found + " (allowed)")
        : new Verdict(verdict.rule(), false, found, List.of(), 0);
  }

  private static Verdict nothingToJudge(Verdict verdict) {
    return new Verdict(verdict.rule(), false, "nothing to judge: " + verdict.found(), List.of(), 0);
  }

  private static Verdict withText(Verdict verdict, String found) {
    return new Verdict(
        verdict.rule(), verdict.passed(), found, verdict.offenders(), verdict.moreOffenders());
  }

  private Verdict complete(List<ReadProblem> problems) {
    if (agent == null || !agent.attached()) {
      return new Verdict(
          COMPLETE,
          false,
          agent == null
              ? "no agent: the recording has no tcpstates.AgentState event; start the JVM"
                  + " with -javaagent:tcpstates-agent.jar"
              : "the agent did not record: " + agent.reason(),
          List.of(),
          0);
    }
    List<String> missing = new ArrayList<>();
    lost.forEach((what, count) -> missing.add("lost " + count + " " + what));
    if (bytesLost != null) {
      missing.add(bytesLost.words());
    }
    rules.forEach(rule -> addUnsupported(rule, missing));
    problems.forEach(problem -> missing.add(problem.reason()));
    addWithout(withoutConnection, "tcpstates.Connection", missing);
    addWithout(withoutTransition, "tcpstates.StateChange", missing);
    return new Verdict(
        COMPLETE,
        missing.isEmpty() || lossAllowed,
        missing.isEmpty()
            ? String.join("; ", nothingLost())
            : String.join("; ", missing) + (lossAllowed ? " (allowed)" : ""),
        List.of(),
        0);
  }

  private List<String> nothingLost() {
    List<String> all = new ArrayList<>(List.of("nothing lost"));
    all.addAll(limits().sampled());
    return all;
  }

  /** A rule proves nothing where the kernel does not support the event that would break it. */
  private void addUnsupported(Rule rule, List<String> missing) {
    if (rule.event() == null) {
      return;
    }
    for (String events : limits().missing(rule.event())) {
      missing.add(rule.name() + " is not proven, because of what is not recorded: " + events);
    }
  }

  private static void addWithout(long count, String event, List<String> missing) {
    if (count > 0) {
      missing.add(
          Words.count(count, "connection")
              + " ended without a "
              + event
              + " event: it is disabled, or has a threshold");
    }
  }
}
