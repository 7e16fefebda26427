// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

/** What the agent must be able to do, or the JVM exits before {@code main}. */
enum Required {
  /** The application always starts. */
  NO("false"),

  /** The kernel must report each transition: the mode EXACT. */
  EXACT("true"),

  /** The agent must record in the mode SAMPLED at least. */
  SAMPLED("sampled");

  private final String text;

  Required(String text) {
    this.text = text;
  }

  /** The option's value for it. */
  String text() {
    return text;
  }

  /** What an option's value stands for; it has to be one of them. */
  static Required parse(String text) {
    for (Required one : values()) {
      if (one.text.equals(text)) {
        return one;
      }
    }
    throw new IllegalArgumentException(text);
  }
}
