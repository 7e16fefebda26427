// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;

/** One of the things that are measured. */
interface Section {
  void run(Bench bench, Scale scale, Results results) throws IOException, InterruptedException;
}
