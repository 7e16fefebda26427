// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prints why tests are skipped. Surefire and Gradle put the reason only into their reports, so a
 * build without the agent would look green in the console.
 *
 * @param testClass name of the class whose tests are skipped
 */
record SkipNotice(String testClass) {
  private static final Set<String> PRINTED = ConcurrentHashMap.newKeySet();

  /** Prints a reason to standard error, once per class. */
  void print(String reason) {
    String line = "[tcpstates] " + testClass + " is skipped: " + reason;
    if (PRINTED.add(line)) {
      System.err.println(line);
    }
  }
}
