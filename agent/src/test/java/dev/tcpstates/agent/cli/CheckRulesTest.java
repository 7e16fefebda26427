// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.jfr.analysis.Check;
import dev.tcpstates.jfr.analysis.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CheckRulesTest {
  private final CheckCommand command = new CheckCommand();
  private final CommandLine line = new CommandLine(command);

  @Test
  void eachRuleIsChosenOnceInTheOrderOfTheCommandLine() {
    line.parseArgs(
        "--no-connections-from",
        "a.b",
        "--no-refused",
        "--no-connections-from",
        "c.d",
        "--max-handshake",
        "5 ms",
        "--max-open",
        "3",
        "--no-leaks",
        "x.jfr");
    assertEquals(
        List.of(
            Check.COMPLETE,
            "no-connections-from a.b",
            "no-refused",
            "no-connections-from c.d",
            "max-handshake 5ms",
            "max-open 3",
            "no-leaks"),
        new Check(ChosenRule.create(command.rules()), true, false)
            .verdicts(List.of()).stream().map(Verdict::rule).toList());
  }

  @Test
  void aRuleWithoutAParameterTakesNoRecording() {
    line.parseArgs("--no-leaks", "x.jfr");
    assertEquals(List.of("x.jfr"), command.names());
  }

  @Test
  void theHelpHasTheRulesBeforeTheOtherOptions() {
    List<String> names =
        line.getCommandSpec().options().stream().map(option -> option.longestName()).toList();
    assertEquals("--max-close-wait", names.get(0));
    assertEquals(
        List.of(
            "--min-connections",
            "--for",
            "--allow-lost",
            "--allow-empty",
            "--junit",
            "--together",
            "--wide"),
        names.subList(names.size() - 7, names.size()));
  }
}
