// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.maven;

import java.util.regex.Pattern;

/** The arguments of a test JVM, as Surefire and Failsafe read them from one text. */
final class ArgLine {
  private static final Pattern NEEDS_QUOTES = Pattern.compile("[\\s'\"]");

  private ArgLine() {}

  /**
   * Returns the arguments with the agent before all others, in place of an earlier one with the
   * same jar.
   *
   * @param arguments those so far; null if there are none
   * @param jar path of the agent's jar
   * @param options the agent's options, as in {@code -javaagent:jar=options}; null or empty for
   *     none
   */
  static String withAgent(String arguments, String jar, String options) {
    String agent = "-javaagent:" + jar;
    String argument = quoted(options == null || options.isBlank() ? agent : agent + "=" + options);
    String others = arguments == null ? "" : without(agent, arguments).strip();
    return others.isEmpty() ? argument : argument + " " + others;
  }

  private static String without(String agent, String arguments) {
    String start = Pattern.quote(agent);
    String end = "(?:\\s+|$)";
    return arguments.replaceAll(
        "(?<!\\S)(?:\""
            + start
            + "(?:=[^\"]*)?\"|'"
            + start
            + "(?:=[^']*)?'|"
            + start
            + "(?:=\\S*)?)"
            + end,
        "");
  }

  private static String quoted(String argument) {
    if (!NEEDS_QUOTES.matcher(argument).find()) {
      return argument;
    }
    String quote = argument.indexOf('"') < 0 ? "\"" : "'";
    return quote + argument + quote;
  }
}
