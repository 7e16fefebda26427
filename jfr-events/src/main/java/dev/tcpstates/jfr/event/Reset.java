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
 * A reset was sent or received. The time is that of the segment, or of the transition to CLOSE if
 * the kernel closes the socket first.
 */
@Name(Reset.NAME)
@Label("Reset")
@Description("A reset was sent or received on a TCP socket of this JVM.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Threshold("0 ns")
public final class Reset extends FilteredEvent {
  public static final String NAME = "tcpstates.Reset";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Direction")
  @Description("SENT or RECEIVED.")
  public String direction;

  @Label("State")
  @Description("State of the socket, by the kernel's name, or the last one before CLOSE.")
  public String state;

  @Label("Reason")
  @Description("The kernel's reason for sending it, such as TCP_ABORT_ON_DATA, if it gives one.")
  public String reason;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Idle Before")
  @Description("How long the connection had been without data, N/A if it was never established.")
  public long idleBefore;

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
