// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * One transition of a TCP socket. The event starts two nanoseconds after the socket entered the old
 * state and ends at the transition, so a threshold selects by the time in the old state. Without
 * that gap, JMC confuses an event with one that ends when it starts; {@link #timeInState} is exact.
 */
@Name(StateChange.NAME)
@Label("State Change")
@Description("A TCP socket of this JVM changed its state.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Threshold("0 ns")
public final class StateChange extends FilteredEvent {
  public static final String NAME = "tcpstates.StateChange";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Old State")
  @Description("State that the socket left, by the kernel's name.")
  public String oldState;

  @Label("New State")
  @Description("State that the socket entered, by the kernel's name.")
  public String newState;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time In State")
  @Description("How long the socket is known to have been in the old state.")
  public long timeInState;

  @Label("Remote Address")
  @Description("IP address of the remote side.")
  public String address;

  @Label("Remote Port")
  @Description("Port of the remote side, 0 if there is none.")
  public int port;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Open Thread")
  @Description("Name of the thread that opened the socket.")
  public String openThread;

  @Label("Reason")
  @Description("Error that ended the connection, such as ECONNREFUSED, if there was one.")
  public String reason;

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side, 0 if none is bound yet.")
  public int localPort;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Uncertainty")
  @Description(
      "How much earlier than this event's end the transition may have happened, 0 if exact.")
  public long uncertainty;

  @Label("Task Id")
  @Description(
      "Process id of the task on the CPU at the transition, often not the socket's owner; 0 if it"
          + " is of another PID namespace.")
  public int taskId;

  @Label("Task Name")
  @Description(
      "Name of the task on the CPU at the transition, which the kernel cuts at 15 bytes; other"
          + " process if it is of another PID namespace.")
  public String taskName;

  @Label("Open Thread Id")
  @Description("Java id of the thread that opened the socket.")
  public long openThreadId;

  @OpenSiteId
  @Label("Open Site Id")
  @Description("Number of the call site that opened the socket, 0 if unknown.")
  public long openSiteId;

  @SocketId
  @Label("Listener Id")
  @Description("Cookie of the listener that this socket was accepted from, 0 if there is none.")
  public long listenerId;
}
