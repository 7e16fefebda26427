// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Converts the limits of the rules. */
final class Limits {
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ns", Duration.ofNanos(1),
          "us", Duration.ofNanos(1_000),
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1));
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ns|us|ms|s|m|min|h)");

  private Limits() {}

  static long count(String value) {
    if (!value.matches("\\d{1,18}")) {
      throw new TypeConversionException("'" + value + "' is not a number of 0 or more");
    }
    return Long.parseLong(value);
  }

  /** Converts a duration as JFR writes it, {@code 50ms} or {@code 50 ms}. */
  static Duration duration(String value) {
    Matcher matcher = DURATION.matcher(value);
    if (!matcher.matches()) {
      throw new TypeConversionException("'" + value + "' is not a duration such as 50ms or 2s");
    }
    return UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
  }
}
