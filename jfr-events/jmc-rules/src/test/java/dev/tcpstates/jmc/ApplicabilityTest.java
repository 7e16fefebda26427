// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StuckSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemCollectionToolkit;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.RuleRegistry;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** When the rules are not applicable, and the reason they give. */
class ApplicabilityTest {
  static List<IRule> rules() {
    return RuleRegistry.getRules().stream().filter(TcpRule.class::isInstance).toList();
  }

  private static List<IRule> rulesButIncomplete() {
    return rules().stream().filter(Predicate.not(IncompleteRule.class::isInstance)).toList();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void ignoredWhereTheAgentWasNot(IRule rule) throws Exception {
    IItemCollection others = withoutOurTypes(Evaluation.record(new Recording(), Events::attached));
    assertFalse(RulesToolkit.matchesEventAvailabilityMap(others, rule.getRequiredEvents()));
    String reason = RulesToolkit.getIgnoreReason(others, rule);
    assertTrue(reason.contains("tcpstates.AgentState"), reason);
    assertEquals(Severity.NA, Evaluation.of(rule, others, Map.of()).severity());
  }

  /** A recording of a JVM without the agent, which does not know the types. */
  private static IItemCollection withoutOurTypes(IItemCollection items) {
    return ItemCollectionToolkit.build(
        items.stream()
            .filter(some -> !some.getType().getIdentifier().startsWith("tcpstates."))
            .flatMap(IItemIterable::stream));
  }

  @ParameterizedTest
  @MethodSource("rulesButIncomplete")
  void sayThatTheAgentCouldNotWork(IRule rule) throws Exception {
    AgentState state = new AgentState();
    state.attached = false;
    state.reason = "this JVM may not use BPF";
    Evaluation evaluation = Evaluation.of(rule, state::commit);
    assertEquals(Severity.NA, evaluation.severity());
    assertEquals("The agent could not record: this JVM may not use BPF", evaluation.summary());
  }

  @ParameterizedTest
  @MethodSource("rulesButIncomplete")
  void sayThatTheirEventsAreSwitchedOff(IRule rule) throws Exception {
    Recording recording = new Recording();
    recording.enable("jdk.ActiveSetting");
    for (Class<? extends Event> type :
        List.of(
            StateChange.class,
            Connection.class,
            SocketState.class,
            StuckSocket.class,
            ListenQueue.class,
            Retransmit.class)) {
      FlightRecorder.register(type);
      recording.disable(type);
    }
    IItemCollection items = Evaluation.record(recording, Events::attached);
    Evaluation evaluation = Evaluation.of(rule, items, Map.of());
    assertEquals(Severity.NA, evaluation.severity());
    assertTrue(
        evaluation.summary().startsWith("This recording has none of the events"),
        evaluation.summary());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void allIsWellInARecordingWhereNothingHappened(IRule rule) throws Exception {
    Evaluation evaluation = Evaluation.of(rule, Events::attached);
    assertEquals(Severity.OK, evaluation.severity(), evaluation::summary);
    assertEquals(0, evaluation.score());
    assertTrue(
        evaluation
            .summary()
            .matches("No.*\\.|Of the connections that ended, no segment was retransmitted\\."),
        evaluation.summary());
  }

  @Test
  void nameWhatAThresholdExcludes() throws Exception {
    Recording recording = new Recording();
    recording.enable("jdk.ActiveSetting");
    recording.enable(StateChange.class).withThreshold(Duration.ofMillis(10));
    recording.enable(Connection.class).withThreshold(Duration.ZERO);
    IItemCollection items = Evaluation.record(recording, Events::attached);
    Evaluation evaluation = Evaluation.of(new FailedConnectRule(), items, Map.of());
    assertEquals(
        "Of tcpstates.StateChange, this recording has only events of 10 ms or longer.",
        evaluation.explanation());
  }
}
