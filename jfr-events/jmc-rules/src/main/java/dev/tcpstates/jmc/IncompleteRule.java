// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.openjdk.jmc.common.IDisplayable;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedCollectionResult;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;

/** Checks whether the recording is complete, on which the other rules rely. */
public final class IncompleteRule extends TcpRule {
  public static final TypedPreference<IQuantity> WARNING_LIMIT =
      percent(
          "lost.warning.limit",
          "Lost events, warning limit",
          "Share of lost events to show a warning; any loss shows an information.",
          1);

  public static final TypedCollectionResult<String> MISSING =
      new TypedCollectionResult<>(
          "missing", "Missing", "What is missing, and why.", UnitLookup.PLAIN_TEXT, String.class);
  public static final TypedResult<IQuantity> BYTES =
      new TypedResult<>(
          "bytes",
          "Bytes Lost",
          "What Flight Recorder itself lost.",
          UnitLookup.MEMORY,
          IQuantity.class);

  private static final double NOTHING_RECORDED = 100;

  public IncompleteRule() {
    super(
        "TcpIncomplete",
        "TCP Events That Are Missing",
        List.of(Tcp.AGENT_STATE, Tcp.RECORDS_LOST),
        List.of(WARNING_LIMIT),
        List.of(MISSING, BYTES));
  }

  /** The rule shows what is missing from such a recording. */
  @Override
  boolean isProvenBySamples() {
    return true;
  }

  @Override
  void evaluate(TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result) {
    List<String> missing = new ArrayList<>();
    long lost = addLost(items, missing);
    long bytes = addBytes(items, missing);
    Set<String> sampled = items.sampled();
    missing.addAll(sampled);
    boolean impaired = addImpaired(items, missing) || !sampled.isEmpty();
    String failure = items.agentFailure();
    if (failure != null) {
      missing.add("all events since the agent's failure: " + failure);
    }
    addCount(result, lost);
    result
        .addResult(BYTES, UnitLookup.BYTE.quantity(bytes))
        .addResult(MISSING, missing)
        .addResult(WHY, failure);
    addEvents(result, ItemFilters.type(Tcp.RECORDS_LOST), Tcp.COUNT, Tcp.LOST_TYPE, Tcp.REASON);

    double score = lost > 0 || impaired ? Severity.INFO.getLimit() : 0;
    score = Math.max(score, Score.of(share(lost, items), 0, share(preferences, WARNING_LIMIT)));
    if (bytes > 0) {
      score = Math.max(score, Severity.WARNING.getLimit());
    }
    if (failure != null) {
      score = NOTHING_RECORDED;
    }
    conclude(
        result,
        score,
        "Nothing was lost.",
        summary(failure, lost, !sampled.isEmpty()),
        "What is missing: {missing}. Counts and sums over this recording are too low, and sockets"
            + " may seem to be in states that they have left.",
        "SAMPLED: the agent polls where the kernel refuses its program; see AgentState for the"
            + " reason. RING_FULL: give the agent a larger ringSize. NO_MEMORY and PROGRAM_SKIPPED:"
            + " the kernel was short of memory or ran no program; see the agent's README. Flight"
            + " Recorder's own loss: a larger -XX:FlightRecorderOptions:globalbuffersize.",
        "");
  }

  private static String summary(String failure, long lost, boolean sampled) {
    if (failure != null) {
      return "The agent could not record: {why}";
    }
    if (lost == 0 && sampled) {
      return "The mode is SAMPLED: this recording does not have {missing}.";
    }
    return lost == 0
        ? "This recording does not have: {missing}."
        : Words.count(lost, "event is", "events are") + " known to be lost.";
  }

  private static long addLost(TcpItems items, List<String> missing) {
    Tally lost = new Tally();
    items.each(
        Tcp.RECORDS_LOST,
        row ->
            lost.add(
                row.text(Tcp.LOST_TYPE) + " (" + row.text(Tcp.REASON) + ")",
                row.number(Tcp.COUNT)));
    lost.byCount().forEach(entry -> missing.add(entry.total() + " of " + entry.text()));
    return lost.total();
  }

  private static long addBytes(TcpItems items, List<String> missing) {
    long[] bytes = {0};
    items.each(Tcp.DATA_LOSS, row -> bytes[0] += row.number(Tcp.AMOUNT));
    if (bytes[0] > 0) {
      missing.add(
          UnitLookup.BYTE.quantity(bytes[0]).displayUsing(IDisplayable.AUTO)
              + " of any events (lost by Flight Recorder)");
    }
    return bytes[0];
  }

  /** Adds what is recorded with less quality than usual. */
  private static boolean addImpaired(TcpItems items, List<String> missing) {
    long[] errors = {0};
    boolean[] commitTimes = {false};
    Set<String> unsupported = new TreeSet<>();
    items.each(
        Tcp.AGENT_STATE,
        row -> {
          errors[0] = Math.max(errors[0], row.number(Tcp.SUPPRESSED_ERRORS));
          // A sampled recording never has the kernel's times.
          commitTimes[0] |= row.is(Tcp.CLOCK, "COMMIT") && !row.is(Tcp.MODE, "SAMPLED");
          if (row.text(Tcp.MISSING) != null) {
            unsupported.add(row.text(Tcp.MISSING));
          }
        });
    if (errors[0] > 0) {
      missing.add("openers of " + Words.count(errors[0], "socket") + " or more (errors of hooks)");
    }
    if (commitTimes[0]) {
      missing.add("the kernel's times, replaced by the times of writing the events (clock COMMIT)");
    }
    unsupported.forEach(
        events -> missing.add("events that this kernel does not support or refuses: " + events));
    return errors[0] > 0 || commitTimes[0] || !unsupported.isEmpty();
  }

  private static double share(long lost, TcpItems items) {
    long[] there = {0};
    items.each(Tcp.STATE_CHANGE, row -> there[0]++);
    items.each(Tcp.CONNECTION, row -> there[0]++);
    return lost == 0 ? 0 : (double) lost / (lost + there[0]);
  }
}
