// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.Transition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The recording of one load, socket by socket and transition by transition, with two witnesses. */
public final class Comparison {
  private final Load load;
  private final BccStory bcc;
  private final Map<String, Deque<SocketTimeline>> oursByEnds = new HashMap<>();
  private final List<String> differences = new ArrayList<>();
  private final List<String> bccContradicts = new ArrayList<>();
  private final Shielded shieldedTasks = new Shielded();
  private final Deviations fromFtrace = new Deviations();
  private final Deviations fromBcc = new Deviations();
  private final Deviations fromNearer = new Deviations();
  private int sockets;
  private int connections;
  private int transitions;
  private int repeated;
  private int equal;
  private int missedByBcc;
  private int notCompared;
  private int shielded;

  /**
   * @param timelines all of the recording, by time
   * @param ftrace after its stop
   * @param tcpstates after its stop
   */
  public Comparison(
      Load load, List<SocketTimeline> timelines, Ftrace ftrace, BccTcpstates tcpstates)
      throws IOException {
    this.load = load;
    this.bcc = new BccStory(tcpstates.rows());
    for (SocketTimeline timeline : timelines) {
      if (load.has(timeline)) {
        oursByEnds.computeIfAbsent(ends(timeline), ends -> new ArrayDeque<>()).add(timeline);
      }
    }
    for (FtraceSocket socket : FtraceSocket.of(ftrace.rows())) {
      if (load.has(socket)) {
        compare(socket);
      }
    }
    oursByEnds.values().stream()
        .flatMap(Collection::stream)
        .forEach(more -> differences.add("only ours: " + steps(more)));
    bcc.left(load).forEach(row -> bccContradicts.add("only bcc: " + row));
  }

  private static String ends(SocketTimeline timeline) {
    return Step.of(timeline.transitions().get(timeline.transitions().size() - 1)).ends();
  }

  private static List<Step> steps(SocketTimeline timeline) {
    return timeline.transitions().stream().map(Step::of).toList();
  }

  private void compare(FtraceSocket socket) {
    List<FtraceRow> theirs = socket.transitions();
    sockets++;
    transitions += theirs.size();
    repeated += socket.rows().size() - theirs.size();
    if (theirs.get(0).step().newState().equals("SYN_SENT")) {
      connections++;
    }
    List<BccRow> bccRows = bccTransitions(socket);

    List<Step> expected = theirs.stream().map(FtraceRow::step).toList();
    Deque<SocketTimeline> candidates = oursByEnds.getOrDefault(socket.ends(), new ArrayDeque<>());
    SocketTimeline timeline = candidates.poll();
    if (timeline == null) {
      differences.add("only ftrace: " + expected);
      return;
    }
    int unseen = (int) socket.rows().stream().filter(row -> shieldedTasks.task(row.task())).count();
    if (unseen > 0) {
      shielded += unseen;
      notCompared++;
      return;
    }
    List<Step> steps = steps(timeline);
    if (!sameSteps(expected, steps)) {
      differences.add("ours: " + steps + "\n    ftrace: " + expected);
      return;
    }
    equal += steps.size();
    compareTimes(timeline.transitions(), theirs, bccRows);
  }

  /** At its birth a child has no remote end before Linux 6.15; ours has it on every kernel. */
  private static boolean sameSteps(List<Step> expected, List<Step> steps) {
    if (expected.size() != steps.size()) {
      return false;
    }
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      Step their = expected.get(i);
      boolean unborn =
          their.oldState().equals("LISTEN") && their.remotePort() == 0 && their.first();
      if (!(unborn ? expected.get(i + 1).ends().equals(step.ends()) : their.equals(step))) {
        return false;
      }
    }
    return true;
  }

  /**
   * bcc's row of each transition, null for one that it missed. The time in repeated states, where
   * bcc starts its clock anew, is added to the state's.
   */
  private List<BccRow> bccTransitions(FtraceSocket socket) {
    List<BccRow> rows = new ArrayList<>();
    long before = 0;
    for (FtraceRow row : socket.rows()) {
      BccRow theirs = bcc.take(row);
      if (theirs != null && !theirs.step().agrees(row.step())) {
        bccContradicts.add("bcc: " + theirs + ", ftrace: " + row);
      }
      if (row.step().repeated()) {
        before += theirs == null ? 0 : theirs.nanos();
        continue;
      }
      if (theirs == null) {
        missedByBcc++;
        rows.add(null);
      } else {
        rows.add(new BccRow(theirs.sk(), theirs.step(), theirs.nanos() + before));
      }
      before = 0;
    }
    return rows;
  }

  private void compareTimes(
      List<Transition> ours, List<FtraceRow> ftraceRows, List<BccRow> bccRows) {
    if (!ours.get(0).timeInState().isZero()) {
      differences.add("time before the first transition: " + ours.get(0));
    }
    for (int i = 1; i < ours.size(); i++) {
      long nanos = ours.get(i).timeInState().toNanos();
      long deviation = Math.abs(nanos - (ftraceRows.get(i).time() - ftraceRows.get(i - 1).time()));
      fromFtrace.add(deviation);
      // After one that it missed, bcc's clock ran for two.
      if (bccRows.get(i) != null && bccRows.get(i - 1) != null) {
        long bccDeviation = Math.abs(nanos - bccRows.get(i).nanos());
        fromBcc.add(bccDeviation);
        deviation = Math.min(deviation, bccDeviation);
      }
      fromNearer.add(deviation);
    }
  }

  public String name() {
    return load.name();
  }

  public int sockets() {
    return sockets;
  }

  /** Connections that were asked for, those refused among them. */
  public int connections() {
    return connections;
  }

  /** As ftrace saw them, repeated states left out. */
  public int transitions() {
    return transitions;
  }

  /** Transitions that ftrace saw and bcc did not. */
  public int missedByBcc() {
    return missedByBcc;
  }

  /** Transitions that the kernel ran no BPF program for: see {@link Shielded}. */
  public int shielded() {
    return shielded;
  }

  /** Sockets with such a transition. Only their number is known to be right. */
  public int notCompared() {
    return notCompared;
  }

  /** Where ours is not what ftrace saw; empty if there is no difference. */
  public List<String> differences() {
    return differences;
  }

  /** Where bcc saw what ftrace did not. */
  public List<String> bccContradicts() {
    return bccContradicts;
  }

  /** Our times in a state against the nearer witness's. */
  public Deviations deviations() {
    return fromNearer;
  }

  @Override
  public String toString() {
    return String.format(
        "%s: %d connections, %d sockets, %d transitions (and %d repeated states), %d equal, "
            + "%d sockets differ, %d not compared for %d transitions hidden from BPF; "
            + "bcc missed %d and contradicts %d times%n"
            + "  time in state, off from ftrace: %s%n"
            + "  off from bcc: %s%n"
            + "  off from the nearer: %s",
        load.name(),
        connections,
        sockets,
        transitions,
        repeated,
        equal,
        differences.size(),
        notCompared,
        shielded,
        missedByBcc,
        bccContradicts.size(),
        fromFtrace,
        fromBcc,
        fromNearer);
  }
}
