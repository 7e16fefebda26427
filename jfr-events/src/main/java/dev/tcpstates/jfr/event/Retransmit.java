// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * Data, or a part of the handshake, was retransmitted at the time of the event. A retransmit that
 * the kernel could not send has no event; the kernel tries again.
 */
@Name(Retransmit.NAME)
@Label("Retransmit")
@Description("Segments of a TCP socket of this JVM were retransmitted.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Threshold("0 ns")
public final class Retransmit extends FilteredEvent {
  public static final String NAME = "tcpstates.Retransmit";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Kind")
  @Description("What was retransmitted, SYN, SYN_ACK, DATA, FIN or LOSS_PROBE.")
  public String kind;

  @Label("State")
  @Description("State of the socket, by the kernel's name; NEW_SYN_RECV is a half-open connection.")
  public String state;

  @Label("Segments")
  @Description("How many segments, as the kernel may send several at once.")
  public int segments;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Retransmitted")
  @Description("Payload in these segments.")
  public long bytesRetransmitted;

  @Label("Retransmits")
  @Description("Retransmitted segments of this connection so far, including these.")
  public int retransmits;

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
