// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  private record Row(String local, String peer, int number, String opener) {}

  private static final String IPV6 = "2001:db8:1111:2222:3333:4444:5555:6666";
  private static final Row SHORT = new Row("10.0.0.1", "10.0.0.2", 7, "com.acme.shop.Cart.load:12");
  private static final Row LONG =
      new Row(IPV6, IPV6, 7, "com.acme.shop.Cart.load:12 < com.acme.shop.Main.main:3");

  private static Table<Row> table(Output out, int columns) {
    Map<String, String> environment =
        columns == 0 ? Map.of() : Map.of("COLUMNS", Integer.toString(columns));
    return new Table<Row>(out, new Terminal(environment, false, false), false)
        .left("LOCAL", 15, Row::local)
        .left("PEER", 15, Row::peer)
        .right("N", 4, Row::number)
        .left("OPENED BY", 0, Row::opener)
        .drop("LOCAL", "N");
  }

  private static List<String> lines(int columns, boolean wide, Row... rows) {
    StringWriter text = new StringWriter();
    try (Output out = Output.to(text)) {
      Table<Row> table = table(out, columns).wide(wide);
      List.of(rows).forEach(table);
    }
    return text.toString().lines().toList();
  }

  @Test
  void columnsAreDroppedInTheirOrderUntilTheOpenerHasRoom() {
    assertEquals(
        List.of(
            "LOCAL           PEER               N OPENED BY",
            "10.0.0.1        10.0.0.2           7 c.a.s.Cart.load:12"),
        lines(57, false, SHORT));
    assertEquals(
        List.of(
            "PEER               N OPENED BY", "10.0.0.2           7 com.acme.shop.Cart.load:12"),
        lines(56, false, SHORT));
    assertEquals(
        List.of("PEER            OPENED BY", "10.0.0.2        c.a.s.Cart.load:12"),
        lines(40, false, SHORT));
  }

  @Test
  void theOpenerGoesToASecondLineIfNothingIsLeftToDrop() {
    assertEquals(
        List.of("PEER            OPENED BY", "10.0.0.2", "    com.acme.shop.Cart.load:12"),
        lines(30, false, SHORT));
  }

  @Test
  void theMiddleOfLongAddressesIsLeftOutWhereTheRowDoesNotFit() {
    assertEquals(
        "2001:d...5:6666 2001:d...5:6666    7 c.a.s.Cart.load:12", lines(57, false, LONG).get(1));
    assertEquals(IPV6 + " " + IPV6 + "    7 " + LONG.opener, lines(200, false, LONG).get(1));
  }

  @Test
  void aPipeHasNoWidthAndWideIsWithoutLimit() {
    String whole = IPV6 + " " + IPV6 + "    7 " + LONG.opener;
    assertEquals(whole, lines(0, false, LONG).get(1));
    assertEquals(whole, lines(60, true, LONG).get(1));
    assertEquals("LOCAL           PEER               N OPENED BY", lines(60, true, LONG).get(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 25, 40, 60, 80, 100, 132, 200})
  void noRowIsLongerThanTheTerminal(int columns) {
    for (Row row : List.of(SHORT, LONG, new Row(null, null, 0, null))) {
      for (String line : lines(columns, false, row)) {
        assertTrue(line.length() <= columns, line);
      }
    }
  }
}
