// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of bcc's tcpstates.
 *
 * @param sk address of the socket in the kernel
 * @param nanos time in the old state, to the microsecond
 */
record BccRow(long sk, Step step, long nanos) {
  // SKADDR PID COMM IP LADDR LPORT RADDR RPORT OLDSTATE -> NEWSTATE MS; COMM may hold blanks, and
  // an address be empty.
  private static final Pattern LINE =
      Pattern.compile(
          "([0-9a-f]+) +\\d+ +.* [46]  (\\S*) +(\\d+) +(\\S*) +(\\d+) +(\\w+) +-> (\\w+)"
              + " +([0-9.]+)");

  /** Null for a line of another kind. */
  static BccRow parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    Step step =
        new Step(
            matcher.group(6),
            matcher.group(7),
            Addresses.normal(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            Addresses.normal(matcher.group(4)),
            Integer.parseInt(matcher.group(5)));
    long nanos = Math.round(Double.parseDouble(matcher.group(8)) * 1e6);
    return new BccRow(Long.parseUnsignedLong(matcher.group(1), 16), step, nanos);
  }
}
