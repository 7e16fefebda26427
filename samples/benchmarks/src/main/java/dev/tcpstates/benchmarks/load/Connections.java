// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

/**
 * One way to open connections, one byte each way, and close them: client and server in this JVM, on
 * loopback, as fast as they go. The client closes first, so each connection has the same ten
 * transitions.
 */
interface Connections {
  /**
   * Opens and closes connections until the budget is used up, and returns when both ends of the
   * last one are closed.
   */
  void run(Budget budget) throws Exception;
}
