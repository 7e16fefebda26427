// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tcpstates.jfr.event.AgentState;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemFilter;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.util.IPreferenceValueProvider;
import org.openjdk.jmc.common.util.TypedPreference;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;
import org.openjdk.jmc.flightrecorder.rules.IResult;
import org.openjdk.jmc.flightrecorder.rules.IRule;
import org.openjdk.jmc.flightrecorder.rules.ResultToolkit;
import org.openjdk.jmc.flightrecorder.rules.Severity;
import org.openjdk.jmc.flightrecorder.rules.TypedResult;
import org.openjdk.jmc.flightrecorder.rules.util.RulesToolkit;

/** The result of a rule for a recording, from JMC's rule runner. */
final class Evaluation {
  /** Emits the events of a recording. */
  interface Content {
    void commit() throws Exception;
  }

  private final IItemCollection items;
  private final IResult result;

  private Evaluation(IItemCollection items, IResult result) {
    this.items = items;
    this.result = result;
  }

  /** The rule with its default preferences, on a recording of the events. */
  static Evaluation of(IRule rule, Content events) throws Exception {
    return of(rule, events, Map.of());
  }

  static Evaluation of(
      IRule rule, Content events, Map<TypedPreference<IQuantity>, IQuantity> preferences)
      throws Exception {
    return of(rule, record(new Recording(), events), preferences);
  }

  static Evaluation of(
      IRule rule, IItemCollection items, Map<TypedPreference<IQuantity>, IQuantity> preferences)
      throws Exception {
    IPreferenceValueProvider provider =
        new IPreferenceValueProvider() {
          @Override
          @SuppressWarnings("unchecked") // all of ours are quantities
          public <T> T getPreferenceValue(TypedPreference<T> preference) {
            return (T)
                preferences.getOrDefault(preference, (IQuantity) preference.getDefaultValue());
          }
        };
    return new Evaluation(
        items,
        RulesToolkit.evaluateParallel(List.of(rule), items, provider, 1)
            .get(rule)
            .get(1, TimeUnit.MINUTES));
  }

  /** Records the events in a JVM that knows the agent's, and loads them. */
  static IItemCollection record(Recording settings, Content events) throws Exception {
    Path file = Files.createTempFile("rules", ".jfr");
    FlightRecorder.register(AgentState.class);
    try (Recording recording = settings) {
      recording.start();
      events.commit();
      recording.stop();
      recording.dump(file);
      return JfrLoaderToolkit.loadEvents(file.toFile());
    } finally {
      Files.delete(file);
    }
  }

  static IItemCollection load(File file) throws Exception {
    return JfrLoaderToolkit.loadEvents(file);
  }

  Severity severity() {
    return result.getSeverity();
  }

  double score() {
    return result.getResult(TypedResult.SCORE).doubleValue();
  }

  long number(TypedResult<IQuantity> type) {
    return result.getResult(type).longValue();
  }

  IQuantity quantity(TypedResult<IQuantity> type) {
    return result.getResult(type);
  }

  String line() {
    return result.getResult(TcpRule.LINE);
  }

  /** The socket of each event in the result, in order. */
  List<Long> sockets() {
    List<Long> sockets = new ArrayList<>();
    IItemFilter filter = result.getResult(TypedResult.ITEM_QUERY).getFilter();
    for (IItemIterable some : items.apply(filter)) {
      Row row = new Row(some.getType());
      some.forEach(item -> sockets.add(row.at(item).id(Tcp.SOCKET_ID)));
    }
    Collections.sort(sockets);
    return sockets;
  }

  List<String> lines() {
    return result.getResult(TcpRule.LINES).stream().map(Evaluation::plain).toList();
  }

  /** The sentence that JMC shows. */
  String summary() {
    return filledIn(result.getSummary());
  }

  /** The paragraph that JMC shows. */
  String explanation() {
    return filledIn(result.getExplanation());
  }

  String solution() {
    return filledIn(result.getSolution());
  }

  /** As JMC's pages show it. */
  String html() {
    return ResultToolkit.populateMessage(result, result.getExplanation(), true);
  }

  IResult result() {
    return result;
  }

  /** JMC puts no-break spaces between numbers and units. */
  private static String plain(String text) {
    return text == null ? null : text.replace('\u00a0', ' ');
  }

  private String filledIn(String text) {
    String filled = plain(ResultToolkit.populateMessage(result, text, false));
    if (filled != null) {
      assertFalse(filled.contains("{"), () -> "not filled in: " + filled);
      assertFalse(filled.contains("null"), filled);
      assertEquals(filled.strip().replace("  ", " "), filled);
    }
    return filled;
  }
}
