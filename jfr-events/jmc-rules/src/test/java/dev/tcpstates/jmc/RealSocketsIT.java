// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jmc.workload.Shop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IItemCollection;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.ItemFilters;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.rules.Severity;

/** The rules, and JMC's joins, on recordings of real sockets. */
@ParameterizedClass
@MethodSource("jdks")
class RealSocketsIT {
  private static final Map<Path, IItemCollection> RECORDINGS = new HashMap<>();

  @TempDir static Path dir;

  private final Path jdk;
  private IItemCollection items;

  RealSocketsIT(Path jdk) {
    this.jdk = jdk;
  }

  static List<Path> jdks() throws Exception {
    return ShopRecording.jdks();
  }

  @BeforeEach
  void recordOnce() throws Exception {
    items = RECORDINGS.get(jdk);
    if (items == null) {
      Path file = dir.resolve("shop-" + RECORDINGS.size() + ".jfr");
      ShopRecording.make(jdk, file, 1_000);
      items = Evaluation.load(file.toFile());
      // JMC drops or duplicates events of a thread that start in the nanosecond in which others
      // end.
      assertEquals(transitionsByJava(file), transitionsByJmc(items));
      RECORDINGS.put(jdk, items);
    }
  }

  @Test
  void leaks() throws Exception {
    Evaluation evaluation =
        Evaluation.of(
            new LeakRule(), items, Map.of(LeakRule.AGE, UnitLookup.MILLISECOND.quantity(900)));
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(Shop.LEAKED, evaluation.number(TcpRule.COUNT));
    assertEquals(ShopRecording.line("Shop", "stock", "leaks"), evaluation.line());
    assertEquals(1, evaluation.lines().size());
    // Longer than the program may take. On a busy machine it takes longer than the default.
    Evaluation older =
        Evaluation.of(new LeakRule(), items, Map.of(LeakRule.AGE, UnitLookup.MINUTE.quantity(10)));
    assertEquals(Severity.OK, older.severity());
  }

  @Test
  void refusals() throws Exception {
    Evaluation evaluation = defaults(new FailedConnectRule());
    assertEquals(Severity.WARNING, evaluation.severity());
    assertEquals(Shop.REFUSED, evaluation.number(TcpRule.COUNT));
    assertEquals(ShopRecording.line("Shop", "pay", "is refused"), evaluation.line());
    assertTrue(
        evaluation.lines().get(0).contains(" (ECONNREFUSED): 12 times"), evaluation::explanation);
  }

  @Test
  void churn() throws Exception {
    // On a busy machine, a connection may last longer than the default for short ones.
    Evaluation evaluation =
        Evaluation.of(
            new ChurnRule(), items, Map.of(ChurnRule.SHORT, UnitLookup.MINUTE.quantity(1)));
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(Shop.SHORT, evaluation.number(ChurnRule.PER_MINUTE));
    assertEquals(ShopRecording.line("Shop", "prices", "churns"), evaluation.line());
    assertEquals(1, evaluation.lines().size());
  }

  @Test
  void slowHandshakes() throws Exception {
    Evaluation evaluation = defaults(new HandshakeRule());
    assertNotEquals(Severity.OK, evaluation.severity());
    assertEquals(Shop.SLOW, evaluation.number(TcpRule.COUNT));
    assertEquals(ShopRecording.line("Shop", "buy", "waits"), evaluation.line());
    // A SYN that got no answer is sent again after a second, give or take the kernel's ticks.
    assertTrue(evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.MILLISECOND) >= 950);
  }

  @Test
  void acceptQueue() throws Exception {
    Evaluation evaluation = defaults(new AcceptQueueRule());
    assertNotEquals(Severity.OK, evaluation.severity());
    assertEquals(ShopRecording.line("Stand", "serve", "accepts"), evaluation.line().split(" ")[0]);
    assertTrue(
        evaluation.quantity(TcpRule.LONGEST).longValueIn(UnitLookup.MILLISECOND)
            >= Shop.ACCEPTED_AFTER_MILLIS);
    assertEquals(
        Shop.LEAKED + Shop.SHORT + Shop.RESET + Shop.QUEUED + Shop.SLOW,
        evaluation.number(TcpRule.COUNT));
  }

  @Test
  void resets() throws Exception {
    Evaluation evaluation = defaults(new ResetRule());
    assertEquals(Severity.INFO, evaluation.severity());
    assertEquals(2 * Shop.RESET, evaluation.number(TcpRule.COUNT));
    assertEquals(Shop.RESET, evaluation.number(ResetRule.UNREAD));
    String client = ShopRecording.line("Shop", "orders", "is reset");
    String server = ShopRecording.line("Shop", "orders", "resets");
    assertEquals(
        List.of(client, server),
        evaluation.lines().stream().map(line -> line.split(" ")[0]).sorted().toList());
  }

  @Test
  void retransmits() throws Exception {
    Evaluation evaluation = defaults(new RetransmitRule());
    assertEquals(Severity.OK, evaluation.severity());
    assertTrue(evaluation.number(TcpRule.COUNT) >= Shop.SLOW, evaluation::summary);
  }

  @Test
  void nothingIsMissing() throws Exception {
    Evaluation evaluation = defaults(new IncompleteRule());
    assertEquals(Severity.OK, evaluation.severity(), evaluation::explanation);
  }

  private Evaluation defaults(TcpRule rule) throws Exception {
    return Evaluation.of(rule, items, Map.of());
  }

  @Test
  void theSocketIdJoinsEventsOfAllTypes() throws Exception {
    String line = ShopRecording.line("Shop", "prices", "churns");
    List<Number> sockets = new ArrayList<>();
    rows(items, Tcp.CONNECTION)
        .filter(row -> row.line().equals(line))
        .forEach(row -> sockets.add(row.id(Tcp.SOCKET_ID)));
    assertEquals(Shop.SHORT, sockets.size());
    for (Number socket : sockets) {
      IItemCollection joined = items.apply(ItemFilters.equals(Tcp.SOCKET_ID, socket));
      assertEquals(1, rows(joined, Tcp.CONNECTION).count());
      Row open = rows(joined, Tcp.SOCKET_OPEN).findFirst().orElseThrow();
      assertEquals("CONNECT", open.text(Tcp.KIND));
      IItemCollection site =
          items.apply(ItemFilters.equals(Tcp.OPEN_SITE_ID, open.id(Tcp.OPEN_SITE_ID)));
      assertEquals(line, rows(site, Tcp.OPEN_SITE).findFirst().orElseThrow().line());

      List<Row> changes =
          rows(joined, Tcp.STATE_CHANGE).sorted(Comparator.comparingLong(Row::end)).toList();
      assertEquals("CLOSE", changes.get(0).text(Tcp.OLD_STATE));
      assertEquals("CLOSE", changes.get(changes.size() - 1).text(Tcp.NEW_STATE));
      for (int i = 1; i < changes.size(); i++) {
        assertEquals(changes.get(i - 1).text(Tcp.NEW_STATE), changes.get(i).text(Tcp.OLD_STATE));
      }
    }
  }

  /** The transitions, as JMC reads them. */
  private static List<String> transitionsByJmc(IItemCollection items) {
    return rows(items, Tcp.STATE_CHANGE)
        .map(
            row ->
                row.id(Tcp.SOCKET_ID)
                    + (" " + row.text(Tcp.OLD_STATE) + " " + row.text(Tcp.NEW_STATE)))
        .sorted()
        .toList();
  }

  /** The same as the JDK reads them. */
  private static List<String> transitionsByJava(Path file) throws IOException {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(Tcp.STATE_CHANGE))
        .map(
            event ->
                event.getLong("socketId")
                    + (" " + event.getString("oldState") + " " + event.getString("newState")))
        .sorted()
        .toList();
  }

  /** A row for each event, which may be kept. */
  private static Stream<Row> rows(IItemCollection items, String type) {
    return items.apply(ItemFilters.type(type)).stream()
        .flatMap(some -> some.stream().map(item -> row(some, item)));
  }

  private static Row row(IItemIterable some, IItem item) {
    return new Row(some.getType()).at(item);
  }
}
