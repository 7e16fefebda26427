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
 * A socket that is open when a chunk starts, so that a recording also has the sockets that were
 * opened before it and do not change their state.
 */
@Name(SocketState.NAME)
@Label("Socket State")
@Description("A TCP socket of this JVM that is open at this moment.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("beginChunk")
public final class SocketState extends Event {
  public static final String NAME = "tcpstates.SocketState";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("State")
  @Description("State of the socket, by the kernel's name.")
  public String state;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time In State")
  @Description("How long the socket is known to have been in this state.")
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

  @DataAmount(DataAmount.BYTES)
  @Label("Send Queue")
  @Description("Payload written that the remote side has not acknowledged; 0 for a listener.")
  public long sendQueue;

  @DataAmount(DataAmount.BYTES)
  @Label("Receive Queue")
  @Description("Payload received that the application has not read; 0 for a listener.")
  public long receiveQueue;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Sent")
  @Description("Time since payload was last sent or retransmitted, N/A if none ever was.")
  public long lastSent;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Received")
  @Description("Time since payload was last received, N/A if none ever was.")
  public long lastReceived;

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side, 0 if none is bound yet.")
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
