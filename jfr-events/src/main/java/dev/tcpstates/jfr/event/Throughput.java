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
 * The payload of one of the busiest sockets in an interval. Over a socket's life the bytes add up
 * to those of its {@link Connection}. All other sockets of the interval share one event, so that
 * the events of an interval add up to all payload.
 */
@Name(Throughput.NAME)
@Label("Throughput")
@Description("Payload of a TCP socket of this JVM since the previous such event.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("10 s")
public final class Throughput extends Event {
  public static final String NAME = "tcpstates.Throughput";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Sent")
  @Description("Payload sent in the interval, without retransmits.")
  public long bytesSent;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Received")
  @Description("Payload received in order in the interval.")
  public long bytesReceived;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Interval")
  @Description("Time over which the bytes were counted.")
  public long interval;

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

  @Timespan(Timespan.NANOSECONDS)
  @Label("Smoothed RTT")
  @Description("Smoothed round-trip time, N/A if it was never measured.")
  public long smoothedRtt;

  @Label("Congestion Window")
  @Description("How many segments may be in flight.")
  public int congestionWindow;

  @DataAmount(DataAmount.BYTES)
  @Label("Send Queue")
  @Description("Payload written that the remote side has not acknowledged.")
  public long sendQueue;

  @DataAmount(DataAmount.BYTES)
  @Label("Receive Queue")
  @Description("Payload received that the application has not read.")
  public long receiveQueue;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Sent")
  @Description("Time since payload was last sent or retransmitted, N/A if none ever was.")
  public long lastSent;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Last Received")
  @Description("Time since payload was last received, N/A if none ever was.")
  public long lastReceived;

  @Label("State")
  @Description("State of the socket, by the kernel's name.")
  public String state;

  @Label("Sockets")
  @Description("How many sockets this counts, 1, or more in the event for all less busy sockets.")
  public int sockets;

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
