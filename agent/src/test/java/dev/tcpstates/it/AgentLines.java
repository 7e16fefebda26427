// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

/** What the agent adds to an application's standard error. */
final class AgentLines {
  private static final String START = "tcpstates-agent: ";

  private AgentLines() {}

  /**
   * Compares a run with the agent with one without: the same standard output and exit code, and the
   * same standard error but for the agent's lines.
   *
   * @return the agent's lines, without what they all start with
   */
  static List<String> added(AgentJvm.Result without, AgentJvm.Result with) {
    List<String> added = new ArrayList<>();
    StringBuilder rest = new StringBuilder();
    for (String line : with.err().split("(?<=\n)")) {
      if (line.startsWith(START)) {
        added.add(line.substring(START.length()).stripTrailing());
      } else {
        rest.append(line);
      }
    }
    assertEquals(without.err(), rest.toString(), "standard error but for the agent's lines");
    assertEquals(without.out(), with.out(), "standard output");
    assertEquals(without.exit(), with.exit(), "exit code");
    return added;
  }

  /** The same, for exactly one line. */
  static String one(AgentJvm.Result without, AgentJvm.Result with) {
    List<String> added = added(without, with);
    assertEquals(1, added.size(), () -> "lines of the agent: " + added);
    return added.get(0);
  }
}
