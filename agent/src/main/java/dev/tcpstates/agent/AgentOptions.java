// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The agent's options, for tools that attach it to another JVM. */
public final class AgentOptions {
  private static final String UNSET = "unset";

  private final Map<String, String> given;
  private final Options options;

  private AgentOptions(Map<String, String> given, Options options) {
    this.given = given;
    this.options = options;
  }

  /**
   * Parses options as the agent in that JVM does.
   *
   * @param arguments {@code key=value,key=value}; may be empty
   * @param properties the system properties of that JVM
   * @throws IllegalArgumentException with one line that names the option and what is valid
   */
  public static AgentOptions parse(String arguments, Properties properties) {
    try {
      Options options = Options.parse(arguments, properties);
      return new AgentOptions(Options.given(arguments, new Properties()), options);
    } catch (OptionException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Returns the given options that differ from those in effect, each as a phrase.
   *
   * @param inEffect the value of {@link AgentStatus#OPTIONS}
   */
  public List<String> differences(String inEffect) {
    Map<String, String> now = values(inEffect);
    Map<String, String> wanted = values(options.toString());
    List<String> differences = new ArrayList<>();
    for (Map.Entry<String, String> option : given.entrySet()) {
      String key = option.getKey();
      String value = now.getOrDefault(key, UNSET);
      if (!value.equals(wanted.getOrDefault(key, UNSET))) {
        differences.add(key + " is " + value + ", not " + option.getValue());
      }
    }
    return differences;
  }

  private static Map<String, String> values(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String option : text.split(",")) {
      String[] pair = option.split("=", 2);
      values.put(pair[0], pair.length == 2 ? pair[1] : "");
    }
    return values;
  }
}
