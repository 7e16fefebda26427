// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * Events are missing or incomplete. The event starts when the agent last knew that nothing was lost
 * and ends when it noticed the loss. Without this event, nothing was lost.
 */
@Name(RecordsLost.NAME)
@Label("Records Lost")
@Description("Events of this agent that could not be recorded in full.")
@Category({"TCP", "Agent"})
@Enabled(true)
@StackTrace(false)
@Threshold("0 ns")
public final class RecordsLost extends Event {
  public static final String NAME = "tcpstates.RecordsLost";

  @Label("Records Lost")
  @Description("How many were lost.")
  public int count;

  @Label("Event Type")
  @Description("Name of the event type that is missing or incomplete.")
  public String lostType;

  @Label("Reason")
  @Description("RING_FULL, PROGRAM_SKIPPED, NO_MEMORY or UNREADABLE.")
  public String reason;
}
