// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks {@code ss} of iproute2, which reads the kernel's tables in a way that is not ours. */
final class Ss {
  private static final Pattern COOKIE = Pattern.compile("\\bsk:([0-9a-f]+)");

  private Ss() {}

  /** The cookie of the socket that listens at a port. */
  static long listener(int port) throws Exception {
    Process ss =
        new ProcessBuilder("ss", "-tlneH", "sport", "=", ":" + port)
            .redirectErrorStream(true)
            .start();
    String out = new String(ss.getInputStream().readAllBytes());
    Matcher matcher = COOKIE.matcher(out);
    if (ss.waitFor() != 0 || !matcher.find()) {
      throw new AssertionError("ss shows no listener at " + port + ": " + out);
    }
    return Long.parseUnsignedLong(matcher.group(1), 16);
  }
}
