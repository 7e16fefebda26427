// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** A command's help as a man page, in the macros of groff_man(7). */
final class ManPage {
  /** The command as people call it who do not write {@code java -jar}. */
  static final String NAME = "tcpstates-agent";

  private final CommandSpec spec;
  private final Help help;
  private final StringBuilder page = new StringBuilder();

  ManPage(CommandLine command) {
    spec = command.getCommandSpec();
    help = new Help(spec, Help.defaultColorScheme(Ansi.OFF));
  }

  /** Returns the name of the page. */
  String name() {
    return spec.parent() == null ? NAME : NAME + "-" + spec.name();
  }

  /** Returns the page. */
  String text() {
    UsageMessageSpec usage = spec.usageMessage();
    List<String> description =
        Arrays.stream(usage.description())
            .filter(text -> !text.isEmpty())
            .map(this::plain)
            .toList();
    page.append(".TH ").append(name().toUpperCase(Locale.ROOT)).append(" 1\n");
    section("NAME");
    line(name() + " \\- ", description.get(0).replaceFirst("(?s)(\\. |\\.$).*", ""));
    section("SYNOPSIS");
    line("", synopsis());
    section("DESCRIPTION");
    paragraphs(description);
    arguments("ARGUMENTS", List.copyOf(spec.positionalParameters()));
    arguments("OPTIONS", List.copyOf(spec.options()));
    if (!spec.subcommands().isEmpty()) {
      section("COMMANDS");
      spec.subcommands()
          .forEach((name, command) -> item(NAME + "-" + name + "(1)", first(command)));
    }
    Map<String, String> codes = usage.exitCodeList();
    if (!codes.isEmpty()) {
      section("EXIT STATUS");
      codes.forEach(this::item);
    }
    footer(Arrays.asList(usage.footer()));
    return page.toString();
  }

  private String first(CommandLine command) {
    return plain(command.getCommandSpec().usageMessage().description()[0]);
  }

  private String synopsis() {
    String words = help.detailedSynopsis(0, null, false).replaceAll("\\s+", " ").strip();
    return words.replaceFirst(Pattern.quote(spec.root().name()), NAME);
  }

  private void arguments(String title, List<? extends ArgSpec> arguments) {
    List<? extends ArgSpec> shown = arguments.stream().filter(arg -> !arg.hidden()).toList();
    if (shown.isEmpty()) {
      return;
    }
    section(title);
    for (ArgSpec argument : shown) {
      String label = argument.arity().max() == 0 ? "" : argument.paramLabel();
      String names =
          argument instanceof OptionSpec option
              ? Arrays.stream(option.names())
                  .map(name -> label.isEmpty() ? name : name + "=" + label)
                  .collect(Collectors.joining(", "))
              : label;
      item(names, description(argument));
    }
  }

  /** Picocli's own text, in which variables are resolved. */
  private String description(ArgSpec argument) {
    Text[][] rows =
        argument instanceof OptionSpec option
            ? help.createDefaultOptionRenderer()
                .render(option, help.createDefaultParamLabelRenderer(), help.colorScheme())
            : help.createDefaultParameterRenderer()
                .render(
                    (PositionalParamSpec) argument,
                    help.createDefaultParamLabelRenderer(),
                    help.colorScheme());
    return Arrays.stream(rows)
        .map(row -> row[row.length - 1].toString())
        .collect(Collectors.joining(" "));
  }

  /** What precedes "Examples:" is text; what follows are commands, or text again. */
  private void footer(List<String> lines) {
    for (String line : lines) {
      if (line.startsWith("  ")) {
        page.append(".EX\n").append(roff(plain(line.strip()))).append("\n.EE\n");
      } else if (line.matches("Examples?:")) {
        section("EXAMPLES");
      } else if (!line.isEmpty()) {
        paragraphs(List.of(plain(line)));
      }
    }
  }

  private void section(String title) {
    page.append(".SH ").append(title).append('\n');
  }

  private void paragraphs(List<String> texts) {
    texts.forEach(text -> page.append(".PP\n").append(roff(text)).append('\n'));
  }

  private void item(String term, String text) {
    page.append(".TP\n\\fB").append(roff(term)).append("\\fR\n").append(roff(text)).append('\n');
  }

  private void line(String start, String text) {
    page.append(start).append(roff(text)).append('\n');
  }

  /** Resolves picocli's variables and format specifiers. */
  private String plain(String text) {
    return help.colorScheme().text(String.format(text)).toString();
  }

  private static String roff(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
