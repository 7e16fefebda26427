// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemFilter;
import org.openjdk.jmc.common.item.ItemQueryBuilder;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.LinearKindOfQuantity;
import org.openjdk.jmc.common.unit.LinearUnit;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.rules.AbstractRule;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IResultValueProvider;
import org.openjdk.jmc.flightrecorder.rules.ResultBuilder;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedCollectionResult;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.util.JfrRuleTopics;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit.EventAvailability;

/**
 * The base of all rules over the agent's events: when they apply, and how they report.
 *
 * <p>Text from a recording, such as {@code app.Client.<init>:12}, must be a result, to which the
 * sentences refer as {@code {id}}: JMC shows the sentences as HTML, and escapes only the results.
 */
abstract class TcpRule extends AbstractRule {
  /** The line of code with most of the findings. */
  static final TypedResult<String> LINE =
      new TypedResult<>(
          "line", "Opening Line", "The line that opened it.", UnitLookup.PLAIN_TEXT, String.class);

  /** All lines with findings. */
  static final TypedCollectionResult<String> LINES =
      new TypedCollectionResult<>(
          "lines",
          "Opening Lines",
          "The lines that opened them, the worst first.",
          UnitLookup.PLAIN_TEXT,
          String.class);

  static final TypedResult<IQuantity> COUNT =
      new TypedResult<>("count", "Count", "How many.", UnitLookup.NUMBER, IQuantity.class);

  static final TypedResult<IQuantity> LONGEST =
      new TypedResult<>(
          "longest",
          "Longest Time",
          "How long the longest took.",
          UnitLookup.TIMESPAN,
          IQuantity.class);

  static final TypedResult<String> WHY =
      new TypedResult<>(
          "why", "Reason", "Why nothing was recorded.", UnitLookup.PLAIN_TEXT, String.class);

  /** Without the agent, JMC ignores the rule because this event type is missing. */
  private static final Map<String, EventAvailability> REQUIRED =
      Map.of(Tcp.AGENT_STATE, EventAvailability.NONE);

  /** The short text for every rule; {@link IncompleteRule} has the details. */
  private static final String SAMPLED =
      "The agent polled the sockets (mode SAMPLED), so this recording has no transition, reset or"
          + " retransmit, and not every connection.";

  private final List<String> sources;

  /**
   * @param sources the event types that it reads, of which one is enough
   * @param results its results beyond the common ones
   */
  TcpRule(
      String id,
      String name,
      List<String> sources,
      List<TypedPreference<?>> preferences,
      List<TypedResult<?>> results) {
    super(id, name, JfrRuleTopics.SOCKET_IO, preferences, withCommon(results), REQUIRED);
    this.sources = sources;
  }

  private static Collection<TypedResult<?>> withCommon(List<TypedResult<?>> results) {
    List<TypedResult<?>> all = new ArrayList<>(results);
    all.addAll(
        List.of(TypedResult.SCORE, TypedResult.ITEM_QUERY, LINE, LINES, COUNT, LONGEST, WHY));
    return List.copyOf(all);
  }

  @Override
  protected final IResult getResult(
      IItemCollection items, IPreferenceValueProvider preferences, IResultValueProvider others) {
    TcpItems recording = new TcpItems(items);
    ResultBuilder result = ResultBuilder.createFor(this, preferences);
    if (sources.stream().noneMatch(recording::has)) {
      String failure = recording.agentFailure();
      if (failure != null) {
        return result
            .setSeverity(Severity.NA)
            .setSummary("The agent could not record: {why}")
            .addResult(WHY, failure)
            .build();
      }
      if (!recording.has(Tcp.AGENT_STATE) || sources.stream().allMatch(recording::isSwitchedOff)) {
        return result
            .setSeverity(Severity.NA)
            .setSummary(
                "This recording has none of the events that this rule needs: "
                    + String.join(", ", sources)
                    + ". They are on unless its settings switch them off, in a JVM with"
                    + " -javaagent:tcpstates-agent.jar.")
            .build();
      }
    }
    evaluate(recording, preferences, result);
    IResult evaluated = result.build();
    if (evaluated.getSeverity() == Severity.OK
        && !isProvenBySamples()
        && !recording.sampled().isEmpty()) {
      // A sampled recording does not prove that there is nothing to find.
      return ResultBuilder.createFor(this, preferences)
          .setSeverity(Severity.NA)
          .setSummary("Can't be proven from this recording: {why}")
          .addResult(WHY, SAMPLED)
          .build();
    }
    return evaluated;
  }

  /** Whether a sampled recording has all that the rule looks for. */
  boolean isProvenBySamples() {
    return false;
  }

  /** Sets severity, sentences and results of {@code result}. */
  abstract void evaluate(
      TcpItems items, IPreferenceValueProvider preferences, ResultBuilder result);

  /** Sets the score's severity and the sentences for it. */
  final void conclude(
      ResultBuilder result,
      double score,
      String fine,
      String summary,
      String explanation,
      String solution,
      String excluded) {
    Severity severity = Severity.get(score);
    boolean well = severity == Severity.OK;
    result
        .setSeverity(severity)
        .addResult(TypedResult.SCORE, UnitLookup.NUMBER_UNITY.quantity(score))
        .setSummary(well ? fine : summary)
        .setExplanation(
            (well ? "" : explanation) + (well || excluded.isEmpty() ? "" : " ") + excluded)
        .setSolution(well ? null : solution);
  }

  /** Adds the opening lines to the results. */
  static void addLines(ResultBuilder result, String worst, List<String> lines) {
    result.addResult(LINE, worst).addResult(LINES, lines);
  }

  static void addCount(ResultBuilder result, long count) {
    result.addResult(COUNT, UnitLookup.NUMBER_UNITY.quantity(count));
  }

  static void addLongest(ResultBuilder result, long nanos) {
    result.addResult(LONGEST, UnitLookup.NANOSECOND.quantity(nanos));
  }

  /** Adds the events that count, for JMC's reports. */
  static void addEvents(ResultBuilder result, IItemFilter filter, IAttribute<?>... columns) {
    result.addResult(
        TypedResult.ITEM_QUERY, ItemQueryBuilder.fromWhere(filter).select(columns).build());
  }

  static TypedPreference<IQuantity> time(
      String id, String name, String description, LinearUnit unit, long value) {
    return preference(id, name, description, UnitLookup.TIMESPAN, unit.quantity(value));
  }

  static TypedPreference<IQuantity> number(String id, String name, String description, long value) {
    return preference(
        id, name, description, UnitLookup.NUMBER, UnitLookup.NUMBER_UNITY.quantity(value));
  }

  static TypedPreference<IQuantity> percent(
      String id, String name, String description, double value) {
    return preference(
        id, name, description, UnitLookup.PERCENTAGE, UnitLookup.PERCENT.quantity(value));
  }

  private static TypedPreference<IQuantity> preference(
      String id, String name, String description, LinearKindOfQuantity kind, IQuantity value) {
    return new TypedPreference<>("tcpstates." + id, name, description, kind, value);
  }

  static long nanos(IPreferenceValueProvider preferences, TypedPreference<IQuantity> preference) {
    return preferences.getPreferenceValue(preference).clampedLongValueIn(UnitLookup.NANOSECOND);
  }

  static double number(
      IPreferenceValueProvider preferences, TypedPreference<IQuantity> preference) {
    return preferences.getPreferenceValue(preference).doubleValue();
  }

  /** As a share from 0 to 1. */
  static double share(IPreferenceValueProvider preferences, TypedPreference<IQuantity> preference) {
    return preferences.getPreferenceValue(preference).doubleValueIn(UnitLookup.PERCENT_UNITY);
  }
}
