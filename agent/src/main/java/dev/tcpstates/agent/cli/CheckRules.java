// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.analysis.Rule;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Adds the options that choose rules. They are no annotated methods, because those have no defined
 * order, and the help needs one.
 */
final class CheckRules implements IModelTransformer {
  private static final String NUMBER = "<n>";
  private static final String TIME = "<time>";

  private List<ChosenRule> chosen;

  @Override
  public CommandSpec transform(CommandSpec spec) {
    chosen = ((CheckCommand) spec.userObject()).rules();
    List<OptionSpec> others = List.copyOf(spec.options());
    others.forEach(spec::remove);
    options().forEach(option -> spec.addOption(option.build()));
    others.forEach(spec::addOption);
    return spec;
  }

  /**
   * Adds a chosen rule to those of the command.
   *
   * @param flag the rule of an option without a parameter; null for other options
   */
  private record Adder(List<ChosenRule> rules, ChosenRule flag) implements ISetter {
    @Override
    public <T> T set(T value) {
      if (Boolean.TRUE.equals(value)) {
        rules.add(flag);
      } else if (value instanceof ChosenRule rule) {
        rules.add(rule);
      } else if (value instanceof List<?> several) {
        several.forEach(rule -> rules.add((ChosenRule) rule));
      }
      return value;
    }
  }

  private List<OptionSpec.Builder> options() {
    return List.of(
        option("--max-close-wait", NUMBER, text -> Rule.maxCloseWait(Limits.count(text)))
            .description("at most n sockets are in CLOSE_WAIT at the end of the recording"),
        option("--max-close-wait-time", TIME, text -> Rule.maxCloseWaitTime(Limits.duration(text)))
            .description("no socket is in CLOSE_WAIT for longer than this"),
        flag("--no-leaks", Rule::noLeaks)
            .description(
                "no socket is in CLOSE_WAIT at the end, or stuck: not read, not acknowledged, not"
                    + " accepted (StuckSocket event)"),
        option("--max-open", NUMBER, text -> Rule.maxOpen(Limits.count(text)))
            .description("at most n connections are open at the end"),
        option("--max-open-growth", NUMBER, text -> Rule.maxOpenGrowth(Limits.count(text)))
            .description(
                "at most n more connections with the same opening stack are open at the end"
                    + " than before"),
        option("--max-resets", NUMBER, text -> Rule.maxResets(Limits.count(text)))
            .description("at most n connections ended by a reset, from either side"),
        flag("--no-refused", Rule::noRefused).description("no outgoing connection was refused"),
        option("--max-failures", NUMBER, text -> Rule.maxFailures(Limits.count(text)))
            .description(
                "at most n outgoing connections failed, or connections ended by an error"
                    + " other than a reset"),
        option("--max-retransmits", NUMBER, text -> Rule.maxRetransmits(Limits.count(text)))
            .description("at most n segments were retransmitted"),
        option("--max-handshake", TIME, text -> Rule.maxHandshake(Limits.duration(text)))
            .description("each outgoing connection was established within this time"),
        option("--max-handshake-p99", TIME, text -> Rule.maxHandshakeP99(Limits.duration(text)))
            .description("99 %% of the outgoing connections were established within this time"),
        option("--max-accept-wait", TIME, text -> Rule.maxAcceptWait(Limits.duration(text)))
            .description("no established connection waited longer than this for accept"),
        option("--max-connections", NUMBER, text -> Rule.maxConnections(Limits.count(text)))
            .description("at most n outgoing connections, including failed ones"),
        option(
                "--max-connections-per-site",
                NUMBER,
                text -> Rule.maxConnectionsPerSite(Limits.count(text)))
            .description("at most n outgoing connections with the same opening stack"),
        option("--no-connections-from", "<package>", Rule::noConnectionsFrom)
            .type(List.class)
            .auxiliaryTypes(ChosenRule.class)
            .description(
                "no outgoing connection has a class of this package on its stack (may be"
                    + " repeated)"),
        option("--min-connections", NUMBER, text -> Rule.minConnections(Limits.count(text)))
            .description(
                "at least n connections were made or accepted; without any, nothing is"
                    + " proven"));
  }

  private OptionSpec.Builder option(String name, String label, Function<String, Rule> rule) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(ChosenRule.class)
        .converters(text -> ChosenRule.of(rule, text))
        .setter(new Adder(chosen, null));
  }

  private OptionSpec.Builder flag(String name, ChosenRule rule) {
    return OptionSpec.builder(name).type(boolean.class).arity("0").setter(new Adder(chosen, rule));
  }
}
