// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import picocli.CommandLine.TypeConversionException;

/** A process id of the command line. */
public record Pid(long value) {
  public static final String PATTERN = "[1-9]\\d{0,9}";

  /** Converts a word of the command line. */
  public static Pid parse(String text) {
    if (!text.matches(PATTERN)) {
      throw new TypeConversionException("'" + text + "' is not a process id");
    }
    return new Pid(Long.parseLong(text));
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
