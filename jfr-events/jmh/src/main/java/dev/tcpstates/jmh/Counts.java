// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.jfr.DataLoss;
import dev.tcpstates.jfr.Loss;
import dev.tcpstates.jfr.ReadProblem;
import dev.tcpstates.jfr.RetransmitInfo;
import dev.tcpstates.jfr.SocketKind;
import dev.tcpstates.jfr.analysis.SocketLife;
import dev.tcpstates.jfr.analysis.SocketModel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/** What happened to the sockets in one iteration, by the line of code that opened them. */
final class Counts extends SocketModel {
  /** A server closes a connection in less than this after its client has. */
  static final Duration STUCK = Duration.ofMillis(100);

  private static final String PER_OPERATION = "#/op";

  private final Map<String, LineCounts> lines = new LinkedHashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private Duration handshakes = Duration.ZERO;
  private AgentInfo agent;
  private boolean endsLater;

  @Override
  public void agentState(AgentInfo state) {
    super.agentState(state);
    agent = state;
  }

  @Override
  public void loss(Loss loss) {
    super.loss(loss);
    notes.add("Records were lost, so the numbers may be too low: " + loss.reason());
  }

  @Override
  public void dataLoss(DataLoss loss) {
    super.dataLoss(loss);
    notes.add("Flight Recorder has lost events, so the numbers may be too low.");
  }

  void addProblems(List<ReadProblem> problems) {
    problems.forEach(problem -> notes.add("Partially read: " + problem.reason()));
  }

  @Override
  public void retransmit(RetransmitInfo retransmit) {
    super.retransmit(retransmit);
    line(opener(retransmit).line()).retransmits += retransmit.segments();
  }

  @Override
  protected void ended(SocketLife socket, Instant end) {
    if (!socket.isConnection()) {
      return;
    }
    LineCounts line = line(socket.opener().line());
    ConnectionInfo connection = socket.connection();
    line.resets += connection != null && connection.isReset() ? 1 : 0;
    if (!socket.begunHere()) {
      return;
    }
    if (end != null && socket.stuckAt(end) != null) {
      line.stuck++;
      endsLater |= socket.since().plus(STUCK).isAfter(end);
    }
    if (socket.kind() == SocketKind.ACCEPT) {
      line.accepts++;
      return;
    }
    line.connects++;
    if (socket.isEstablished()) {
      line.handshakes++;
      handshakes = handshakes.plus(socket.handshake() == null ? Duration.ZERO : socket.handshake());
    } else if (connection != null) {
      line.failed++;
    }
  }

  private LineCounts line(String line) {
    return lines.computeIfAbsent(line, LineCounts::new);
  }

  /** Whether a socket seems to be stuck, but only since a moment ago. */
  boolean endsLater() {
    return endsLater;
  }

  /**
   * Returns JMH's results.
   *
   * @param operations how many there were in the iteration
   * @param shown how many lines of code are printed
   */
  List<Result<?>> results(long operations, int shown) {
    if (agent == null || !agent.attached()) {
      throw new IllegalStateException(
          "The agent does not record: "
              + (agent == null ? "it emitted no AgentState event" : agent.reason()));
    }
    LineCounts all = new LineCounts("");
    lines.values().forEach(all::add);
    List<Result<?>> results = new ArrayList<>();
    results.add(perOperation("connects", all.connects, operations));
    results.add(perOperation("accepts", all.accepts, operations));
    notes.addAll(limits().sampled());
    notes.addAll(limits().unhooked());
    limits().missing().forEach(missing -> notes.add("Not recorded: " + missing));
    if (!limits().isSampled()) {
      results.add(perOperation("handshakes", all.handshakes, operations));
      results.add(perOperation("failed", all.failed, operations));
      results.add(perOperation("resets", all.resets, operations));
      results.add(perOperation("stuck", all.stuck, operations));
      if (limits().missing("Retransmit").isEmpty()) {
        results.add(perOperation("retransmits", all.retransmits, operations));
      }
      if (all.handshakes > 0) {
        double micros = handshakes.toNanos() / 1e3 / all.handshakes;
        results.add(new ScalarResult("tcp.handshake.time", micros, "us", AggregationPolicy.AVG));
      }
    }
    results.add(new OpeningLines(List.copyOf(lines.values()), notes, operations, shown));
    return results;
  }

  private static ScalarResult perOperation(String what, long count, long operations) {
    return new ScalarResult(
        "tcp." + what, (double) count / operations, PER_OPERATION, AggregationPolicy.AVG);
  }
}
