// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.profile.ProfilerException;

/**
 * The options in {@code -prof tcpstates:key=value;key=value}.
 *
 * @param agent the agent's jar; null for the one in this jar
 * @param agentOptions the agent's options; empty for none
 * @param lines how many opening lines are printed
 */
record ProfilerOptions(Path agent, String agentOptions, int lines) {
  private static final String KEYS =
      "agent=<path of tcpstates-agent.jar>, options=<the agent's options>, lines=<how many opening"
          + " lines are printed, 10>";
  private static final int LINES = 10;

  static ProfilerOptions parse(String text) throws ProfilerException {
    Map<String, String> given = new LinkedHashMap<>();
    for (String option : text == null || text.isBlank() ? new String[0] : text.split(";")) {
      int equals = option.indexOf('=');
      if (equals < 1) {
        throw wrong("'" + option + "' is not of the form key=value");
      }
      given.put(option.substring(0, equals).strip(), option.substring(equals + 1).strip());
    }
    String agent = given.remove("agent");
    String agentOptions = given.remove("options");
    String lines = given.remove("lines");
    if (!given.isEmpty()) {
      throw wrong("unknown option '" + given.keySet().iterator().next() + "'");
    }
    if (lines != null && !lines.matches("\\d{1,6}")) {
      throw wrong("lines=" + lines + " is not a number");
    }
    if (agent != null && !Files.isRegularFile(Path.of(agent))) {
      throw wrong("there is no file " + agent);
    }
    return new ProfilerOptions(
        agent == null ? null : Path.of(agent).toAbsolutePath(),
        agentOptions == null ? "" : agentOptions,
        lines == null ? LINES : Integer.parseInt(lines));
  }

  private static ProfilerException wrong(String what) {
    return new ProfilerException(what + "; the options, separated by ';', are " + KEYS);
  }
}
