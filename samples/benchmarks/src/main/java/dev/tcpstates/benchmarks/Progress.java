// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

/** Tells who waits that it goes on; on standard error, for the results go to standard output. */
final class Progress {
  private Progress() {}

  static void section(String title) {
    System.err.printf("%n%tT  %s ", System.currentTimeMillis(), title);
  }

  static void dot() {
    System.err.print(".");
  }
}
