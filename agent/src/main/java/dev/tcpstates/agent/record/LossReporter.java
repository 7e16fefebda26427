// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.StateCount;

/** Turns growing loss counters into events; silent while nothing is lost. Not thread-safe. */
public final class LossReporter {
  private Losses reported = Losses.NONE;

  /** Begins with the last call; {@code null}: no event could be made then. */
  private RecordsLost since = EventRegistration.isDone() ? begun() : null;

  /**
   * Reports what was lost since the last call.
   *
   * @return whether anything was
   */
  public boolean report(Losses now) {
    if (!EventRegistration.isDone()) {
      boolean lost = now.total() != reported.total();
      reported = now;
      return lost;
    }
    RecordsLost from = since == null ? begun() : since;
    since = begun();
    if (now.total() == reported.total()) {
      return false;
    }
    commit(from, now.ringFull() - reported.ringFull(), StateChange.NAME, "RING_FULL");
    commit(from, now.skipped() - reported.skipped(), StateChange.NAME, "PROGRAM_SKIPPED");
    commit(from, now.noMemory() - reported.noMemory(), StateChange.NAME, "NO_MEMORY");
    commit(from, now.unreadable() - reported.unreadable(), StateChange.NAME, "UNREADABLE");
    commit(from, now.connections() - reported.connections(), Connection.NAME, "RING_FULL");
    commit(
        from,
        now.skippedConnections() - reported.skippedConnections(),
        Connection.NAME,
        "PROGRAM_SKIPPED");
    // Without a socket's end, the owner of its TIME_WAIT is unknown.
    commit(from, now.ends() - reported.ends(), StateCount.NAME, "RING_FULL");
    commit(from, now.retransmits() - reported.retransmits(), Retransmit.NAME, "RING_FULL");
    commit(
        from,
        now.skippedRetransmits() - reported.skippedRetransmits(),
        Retransmit.NAME,
        "PROGRAM_SKIPPED");
    commit(from, now.resets() - reported.resets(), Reset.NAME, "RING_FULL");
    reported = now;
    return true;
  }

  private static RecordsLost begun() {
    RecordsLost event = new RecordsLost();
    event.begin();
    return event;
  }

  private static void commit(RecordsLost event, long count, String type, String reason) {
    if (count != 0) {
      event.count = (int) Math.min(Integer.MAX_VALUE, count);
      event.lostType = type;
      event.reason = reason;
      event.commit();
    }
  }
}
