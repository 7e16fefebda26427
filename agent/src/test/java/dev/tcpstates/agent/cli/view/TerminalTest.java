// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static boolean colours(boolean terminal, String... environment) {
    Map<String, String> variables =
        environment.length == 0 ? Map.of() : Map.of(environment[0], environment[1]);
    return new Terminal(variables, terminal, terminal).ansi().enabled();
  }

  @Test
  void coloursAreForTerminalsAndThoseWhoWantThem() {
    assertTrue(colours(true));
    assertFalse(colours(false));
    assertFalse(colours(true, "NO_COLOR", "1"));
    assertTrue(colours(true, "NO_COLOR", ""), "set, but empty, as no-color.org has it");
    assertFalse(colours(true, "TERM", "dumb"));
  }

  @Test
  void aStyleEnds() {
    assertEquals("\033[1mx\033[0m", new Terminal(Map.of(), true, true).styled("bold", "x"));
    assertEquals("x", new Terminal(Map.of(), false, true).styled("bold", "x"));
  }

  @Test
  void linesAreNotCutWhereThereIsNoTerminal() {
    assertEquals(Integer.MAX_VALUE, new Terminal(Map.of(), false, false).columns());
    assertEquals(99, new Terminal(Map.of("COLUMNS", "99"), false, false).columns());
    for (String nonsense : new String[] {"", "0", "-5", "wide", "99999999999"}) {
      assertEquals(
          Integer.MAX_VALUE,
          new Terminal(Map.of("COLUMNS", nonsense), false, false).columns(),
          nonsense);
    }
  }

  @Test
  void textsBreakBetweenWords() {
    Terminal narrow = new Terminal(Map.of("COLUMNS", "20"), false, false);
    assertEquals(
        List.of("  one  two three", "    four five six", "    seven"),
        narrow.wrap("  one  two three four five six seven", 4));
    assertEquals(List.of("x"), narrow.wrap("x", 2));
    String word = "w".repeat(30);
    assertEquals(List.of("a", "  " + word, "  b"), narrow.wrap("a " + word + " b", 2));
    String line = "a b ".repeat(90).strip();
    assertEquals(List.of(line), new Terminal(Map.of(), false, false).wrap(line, 2));
  }
}
