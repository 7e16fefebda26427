// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.ReadProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Holds a recording against rules. The first verdict is always on the recording itself: rules prove
 * nothing where the agent did not record, or something was lost.
 */
public final class Check extends SocketAnalysis {
  /** The name of the rule on the recording itself. */
  public static final String COMPLETE = "complete";

  /** What happens so close to the recording's edge may be in it by half. */
  private static final Duration EDGE = Duration.ofMillis(20);

  private final List<Rule> rules;
  private final boolean lossAllowed;
  private final Map<String, Long> lost = new LinkedHashMap<>();
  private final Set<String> untold = new LinkedHashSet<>();
  private BytesLost bytesLost;
  private AgentInfo agent;
  private Instant start;
  private Instant last;
  private long withoutConnection;
  private long withoutTransition;

  /**
   * @param lossAllowed whether a recording from which something is missing may pass
   */
  public Check(List<Rule> rules, boolean lossAllowed) {
    this.rules = List.copyOf(rules);
    this.lossAllowed = lossAllowed;
  }

  @Override
  void reached(Instant time) {
    start = start == null || time.isBefore(start) ? time : start;
    last = last == null || time.isAfter(last) ? time : last;
  }

  @Override
  public void agentState(AgentInfo state) {
    super.agentState(state);
    agent = state;
    if (state.missing() != null) {
      untold.add(state.missing());
    }
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
  void stayed(WatchedSocket socket, String state, Duration time) {
    rules.forEach(rule -> rule.stayed(socket, state, time));
  }

  @Override
  void done(WatchedSocket socket, Instant end) {
    rules.forEach(rule -> rule.done(socket, end));
    if (end == null && socket.isConnection()) {
      ConnectionInfo connection = socket.connection();
      Instant time = connection == null ? socket.since() : connection.endTime();
      if (time.isAfter(start.plus(EDGE)) && time.isBefore(last.minus(EDGE))) {
        withoutConnection += connection == null ? 1 : 0;
        withoutTransition += socket.isCloseTold() ? 0 : 1;
      }
    }
  }

  /**
   * The verdicts: on the recording itself, then on each rule in their order. To be called once,
   * when all was read.
   *
   * @param problems what the reading could not read
   */
  public List<Verdict> verdicts(List<ReadProblem> problems) {
    end();
    List<Verdict> verdicts = new ArrayList<>();
    verdicts.add(complete(problems));
    rules.forEach(rule -> verdicts.add(rule.verdict()));
    return verdicts;
  }

  private Verdict complete(List<ReadProblem> problems) {
    if (agent == null || !agent.attached()) {
      return new Verdict(
          COMPLETE,
          false,
          agent == null
              ? "no agent: without a tcpstates.AgentState event, nothing can be told; start the JVM"
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
    rules.forEach(rule -> addUntold(rule, missing));
    problems.forEach(problem -> missing.add(problem.reason()));
    addWithout(withoutConnection, "tcpstates.Connection", missing);
    addWithout(withoutTransition, "tcpstates.StateChange", missing);
    return new Verdict(
        COMPLETE,
        missing.isEmpty() || lossAllowed,
        missing.isEmpty()
            ? "nothing lost"
            : String.join("; ", missing) + (lossAllowed ? " (allowed)" : ""),
        List.of(),
        0);
  }

  /** A rule is kept all too easily where the kernel can't tell of what would break it. */
  private void addUntold(Rule rule, List<String> missing) {
    if (rule.event() == null) {
      return;
    }
    Pattern named = Pattern.compile("(^|[;,] )" + rule.event() + "\\b");
    for (String events : untold) {
      if (named.matcher(events).find()) {
        missing.add(rule.name() + " is not proven, for this kernel can't tell of: " + events);
      }
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
