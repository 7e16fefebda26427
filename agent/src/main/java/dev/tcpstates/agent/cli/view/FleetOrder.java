// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.util.Comparator;

/** What the JVMs of a fleet can be sorted by. */
public enum FleetOrder {
  /** Stuck sockets, suspected leaks, failed connects and resets, summed up; then retransmits. */
  faults(
      Comparator.comparingLong(JvmTotals::faults)
          .thenComparingLong(JvmTotals::retransmits)
          .thenComparingLong(JvmTotals::lost)
          .thenComparingLong(JvmTotals::timeWait)),
  connections(Comparator.comparingLong(JvmTotals::connections)),
  failed(Comparator.comparingLong(JvmTotals::failed)),
  reset(Comparator.comparingLong(JvmTotals::reset)),
  retransmits(Comparator.comparingLong(JvmTotals::retransmits)),
  stuck(Comparator.comparingLong(JvmTotals::stuck)),
  timeWait(Comparator.comparingLong(JvmTotals::timeWait)),
  lost(Comparator.comparingLong(JvmTotals::lost));

  private final Comparator<JvmTotals> worse;

  FleetOrder(Comparator<JvmTotals> worse) {
    this.worse = worse;
  }

  /** The worst first. JVMs that were not recorded come before those whose numbers are 0, too. */
  Comparator<JvmTotals> worstFirst() {
    return worse
        .reversed()
        .thenComparing(JvmTotals::recorded)
        .thenComparing(jvm -> jvm.files().toString());
  }
}
