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

/**
 * A socket that has been for longer than the option {@code stuckAfter} in a state that sockets
 * usually leave soon, or without progress: the leak report. The agent emits it when it first finds
 * the socket stuck, and for each socket that is stuck when a chunk ends.
 */
@Name(StuckSocket.NAME)
@Label("Stuck Socket")
@Description(
    "A TCP socket of this JVM that has been without progress for long: not closed, not read, not"
        + " acknowledged.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("10 s")
public final class StuckSocket extends Event {
  public static final String NAME = "tcpstates.StuckSocket";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("State")
  @Description("State of the socket, by the kernel's name.")
  public String state;

  @Label("Cause")
  @Description(
      "NOT_CLOSED, UNACKNOWLEDGED, UNREAD, NOT_ACCEPTED, CONNECTING or CLOSING: why the socket is"
          + " stuck.")
  public String cause;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Stuck For")
  @Description("How long the socket is known to have been without progress.")
  public long stuckFor;

  @Label("Remote Address")
  @Description("IP address of the remote side.")
  public String address;

  @Label("Remote Port")
  @Description("Port of the remote side.")
  public int port;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Open Thread")
  @Description("Name of the thread that opened the socket.")
  public String openThread;

  @DataAmount(DataAmount.BYTES)
  @Label("Send Queue")
  @Description("Payload written that the remote side has not acknowledged.")
  public long sendQueue;

  @DataAmount(DataAmount.BYTES)
  @Label("Receive Queue")
  @Description("Payload received that the application has not read.")
  public long receiveQueue;

  @Label("Retransmits")
  @Description("Segments retransmitted since the socket was opened.")
  public int retransmits;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Gives Up In")
  @Description(
      "Of an UNACKNOWLEDGED socket: time until the kernel ends the connection if nothing more comes"
          + " from the remote side, N/A if it goes on for ever or that is unknown.")
  public long givesUpIn;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Sent")
  @Description("Time since payload was last sent or retransmitted, N/A if none ever was.")
  public long lastSent;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Received")
  @Description("Time since payload was last received, N/A if none ever was.")
  public long lastReceived;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time In State")
  @Description("How long the socket is known to have been in this state.")
  public long timeInState;

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side.")
  public int localPort;

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
