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
 * usually leave soon: the leak report.
 */
@Name(StuckSocket.NAME)
@Label("Stuck Socket")
@Description(
    "A TCP socket of this JVM that has been for long in a state that sockets usually leave soon.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("endChunk")
public final class StuckSocket extends Event {
  public static final String NAME = "tcpstates.StuckSocket";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side.")
  public int localPort;

  @Label("Remote Address")
  @Description("IP address of the remote side.")
  public String address;

  @Label("Remote Port")
  @Description("Port of the remote side.")
  public int port;

  @Label("State")
  @Description("State of the socket, by the kernel's name.")
  public String state;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time In State")
  @Description("How long the socket is known to have been in this state.")
  public long timeInState;

  @DataAmount(DataAmount.BYTES)
  @Label("Send Queue")
  @Description("Payload written that the remote side has not acknowledged.")
  public long sendQueue;

  @DataAmount(DataAmount.BYTES)
  @Label("Receive Queue")
  @Description("Payload received that the application has not read.")
  public long receiveQueue;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Open Thread")
  @Description("Name of the thread that opened the socket.")
  public String openThread;

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
