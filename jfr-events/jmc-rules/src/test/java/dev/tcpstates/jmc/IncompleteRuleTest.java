// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.RecordsLost;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.item.ItemCollectionToolkit;
import org.openjdk.jmc.common.item.ItemIterableToolkit;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

class IncompleteRuleTest {
  private final IncompleteRule rule = new IncompleteRule();

  private static void lost(int count, String type, String reason) {
    RecordsLost event = new RecordsLost();
    event.count = count;
    event.lostType = type;
    event.reason = reason;
    event.commit();
  }

  private static List<String> missing(Evaluation evaluation) {
    return List.copyOf(evaluation.result().getResult(IncompleteRule.MISSING));
  }

  @Test
  void nothingLostIsWell() throws Exception {
    Evaluation evaluation = Evaluation.of(rule, Events::attached);
    assertEquals(Severity.OK, evaluation.severity());
    assertEquals(0, evaluation.score());
    assertEquals("Nothing was lost.", evaluation.summary());
    assertEquals(List.of(), missing(evaluation));
  }

  @Test
  void anyLossShowsAndOneInAHundredIsAWarning() throws Exception {
    assertEquals(Severity.INFO, losing(1, 198).severity());
    assertEquals(Severity.WARNING, losing(2, 198).severity());
  }

  private Evaluation losing(int count, int recorded) throws Exception {
    return Evaluation.of(
        rule,
        () -> {
          Events.attached();
          for (int i = 0; i < recorded; i++) {
            Events.change(i, "CLOSE", "SYN_SENT").commit();
          }
          lost(count, "tcpstates.StateChange", "RING_FULL");
        });
  }

  @Test
  void saysWhatIsMissingAndWhy() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              Events.attached();
              lost(3, "tcpstates.StateChange", "RING_FULL");
              lost(4, "tcpstates.StateChange", "RING_FULL");
              lost(2, "tcpstates.Connection", "NO_MEMORY");
            });
    assertEquals(9, evaluation.number(TcpRule.COUNT));
    assertEquals(
        List.of("7 of tcpstates.StateChange (RING_FULL)", "2 of tcpstates.Connection (NO_MEMORY)"),
        missing(evaluation));
    assertEquals("9 events are known to be lost.", evaluation.summary());
  }

  /** With the attributes of Flight Recorder's own, which can't be made to happen. */
  @Name("tests.DataLoss")
  static final class SomeLoss extends Event {
    @DataAmount long amount;
  }

  @Test
  void flightRecordersOwnLossIsAWarning() throws Exception {
    IItemCollection items =
        Evaluation.record(
            new Recording(),
            () -> {
              Events.attached();
              for (long bytes : new long[] {1000, 24}) {
                SomeLoss loss = new SomeLoss();
                loss.amount = bytes;
                loss.commit();
              }
            });
    IType<IItem> real = RulesToolkit.getType(items, Tcp.DATA_LOSS);
    assertTrue(real.hasAttribute(Tcp.AMOUNT), () -> real.getAccessorKeys().toString());

    Evaluation evaluation = Evaluation.of(rule, withRealLosses(items), Map.of());
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(1024, evaluation.quantity(IncompleteRule.BYTES).longValueIn(UnitLookup.BYTE));
    assertTrue(missing(evaluation).get(0).endsWith("of any events (lost by Flight Recorder)"));
  }

  private static IItemCollection withRealLosses(IItemCollection items) {
    return ItemCollectionToolkit.build(
        () ->
            items.stream()
                .filter(some -> !some.getType().getIdentifier().equals(Tcp.DATA_LOSS))
                .map(
                    some ->
                        some.getType().getIdentifier().equals("tests.DataLoss")
                            ? ItemIterableToolkit.build(some, renamed(some.getType()))
                            : some));
  }

  @SuppressWarnings("unchecked")
  private static IType<IItem> renamed(IType<IItem> type) {
    return (IType<IItem>)
        Proxy.newProxyInstance(
            IType.class.getClassLoader(),
            new Class<?>[] {IType.class},
            (proxy, method, arguments) ->
                method.getName().equals("getIdentifier")
                    ? Tcp.DATA_LOSS
                    : method.invoke(type, arguments));
  }

  @Test
  void anAgentThatCouldNotRecordIsTheWorst() throws Exception {
    Evaluation evaluation = Evaluation.of(rule, () -> failed("no BPF here <libbpf>"));
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(100, evaluation.score());
    assertEquals("The agent could not record: no BPF here <libbpf>", evaluation.summary());
    assertTrue(evaluation.html().contains("&lt;libbpf&gt;"), evaluation.html());
  }

  @Test
  void theLastStateCounts() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              failed("not yet");
              Thread.sleep(2);
              Events.attached();
            });
    assertEquals(Severity.OK, evaluation.severity());
  }

  private static void failed(String reason) {
    AgentState state = new AgentState();
    state.attached = false;
    state.reason = reason;
    state.commit();
  }

  @Test
  void lesserTimesAndUnknownOpenersShow() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              AgentState state = new AgentState();
              state.attached = true;
              state.clock = "COMMIT";
              state.suppressedErrors = 2;
              state.missing = "StateCount (EPERM)";
              state.commit();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(
        List.of(
            "openers of 2 sockets or more (errors of hooks)",
            "the kernel's times, replaced by the times of writing the events (clock COMMIT)",
            "events that this kernel does not support or refuses: StateCount (EPERM)"),
        missing(evaluation));
  }

  @Test
  void unsupportedEventsAreAnInformation() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            rule,
            () -> {
              AgentState state = new AgentState();
              state.attached = true;
              state.missing = "ListenQueue (EPERM)";
              state.commit();
            });
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(
        List.of("events that this kernel does not support or refuses: ListenQueue (EPERM)"),
        missing(evaluation));
    assertEquals(
        "This recording does not have: events that this kernel does not support or refuses:"
            + " ListenQueue (EPERM).",
        evaluation.summary());
  }
}
