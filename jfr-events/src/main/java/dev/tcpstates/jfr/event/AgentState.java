// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The state of the agent, in every chunk, so that a recording without transitions explains why. */
@Name(AgentState.NAME)
@Label("Agent State")
@Description("Whether the agent records, its configuration, and its own cost.")
@Category({"TCP", "Agent"})
@Enabled(true)
@StackTrace(false)
@Period("everyChunk")
public final class AgentState extends Event {
  public static final String NAME = "tcpstates.AgentState";

  @Label("Attached")
  @Description("Whether the agent records the sockets of this JVM.")
  public boolean attached;

  @Label("Mode")
  @Description(
      "EXACT if the kernel reports each transition, SAMPLED if the agent polls the sockets and"
          + " records no transition, nothing while the agent is not attached.")
  public String mode;

  @Label("Reason")
  @Description("Why the agent is not attached, or why its mode is SAMPLED instead of EXACT.")
  public String reason;

  @Label("Missing Events")
  @Description(
      "Events that are not recorded because the kernel or Flight Recorder does not support or"
          + " refuses them, and why.")
  public String missing;

  @Label("Records Lost")
  @Description("How many records were lost so far.")
  public int lost;

  @Label("Suppressed Errors")
  @Description("How many errors of the agent were kept from the application so far.")
  public int suppressedErrors;

  @Label("Open Sockets")
  @Description("How many sockets of this JVM the agent knows to be open.")
  public int openSockets;

  @Label("Open Sites")
  @Description("How many call sites have opened sockets.")
  public int openSites;

  @Label("Records Read")
  @Description("How many records of the BPF program were read so far.")
  public long records;

  @Label("Records Per Second")
  @Description("How many records were read per second since the previous such event.")
  public int recordsPerSecond;

  @Timespan(Timespan.NANOSECONDS)
  @Label("CPU Time")
  @Description(
      "CPU time of the agent's own threads so far, without that of threads that open sockets.")
  public long cpuTime;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Poll Interval")
  @Description("Time from one poll of the sockets to the next, 0 unless the mode is SAMPLED.")
  public long pollInterval;

  @Label("Options")
  @Description("Options of the agent in effect.")
  public String options;

  @Label("Agent Version")
  @Description("Version of the agent.")
  public String version;

  @Label("Kernel Release")
  @Description("Release of the running kernel.")
  public String kernel;

  @Label("Libbpf Version")
  @Description(
      "Version of the libbpf in use, and whether it is the system's or the bundled one, nothing if"
          + " the node program serves this JVM or the agent polls.")
  public String libbpf;

  @Label("Clock Source")
  @Description(
      "KERNEL if event times are the kernel's, COMMIT if they are those of writing the event.")
  public String clock;

  @DataAmount(DataAmount.BYTES)
  @Label("Ring Size")
  @Description("Size of the ring buffer between kernel and agent.")
  public long ringSize;

  @DataAmount(DataAmount.BYTES)
  @Label("Ring Fill")
  @Description("Bytes in the ring buffer at this moment.")
  public long ringFill;

  @DataAmount(DataAmount.BYTES)
  @Label("Highest Ring Fill")
  @Description("Highest fill of the ring buffer since the previous such event.")
  public long highestRingFill;

  @Label("Socket Hooks")
  @Description("Which hooks are installed in the JVM and which are missing.")
  public String hooks;
}
