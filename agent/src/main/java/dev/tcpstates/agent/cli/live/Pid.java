// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.live;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A process id, as the user gave it. */
public record Pid(long value) {
  public static final String PATTERN = "[1-9]\\d{0,9}";

  /** Reads a process id from the command line. */
  public static final class Converter implements ITypeConverter<Pid> {
    @Override
    public Pid convert(String text) {
      if (!text.matches(PATTERN)) {
        throw new TypeConversionException("'" + text + "' is no process id");
      }
      return new Pid(Long.parseLong(text));
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
