// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.analysis.Rule;
import java.util.List;
import java.util.function.Function;

/** A rule of the command line. Each JVM is checked by rules of its own, because they count. */
@FunctionalInterface
interface ChosenRule {
  Rule create();

  /**
   * Returns the rule of an option.
   *
   * @throws RuntimeException that of the function, if the option's parameter is invalid
   */
  static ChosenRule of(Function<String, Rule> rule, String parameter) {
    rule.apply(parameter); // an invalid one is refused now, not when the first JVM is checked
    return () -> rule.apply(parameter);
  }

  static List<Rule> create(List<ChosenRule> rules) {
    return rules.stream().map(ChosenRule::create).toList();
  }
}
