// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

/** One subject that is measured. */
interface Section {
  void run(Bench bench) throws Exception;
}
