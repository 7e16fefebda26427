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
import jdk.jfr.Timespan;

/**
 * A connection, or an attempt at one, from its first transition to CLOSE. The event's duration is
 * the connection's lifetime, so a threshold selects by lifetime.
 *
 * <p>In the mode SAMPLED the agent emits it for each connection that a poll has found. The counters
 * are those of the last poll that found it, so they are lower bounds. A time that the polls can't
 * bound is {@code Long.MIN_VALUE}, which Flight Recorder shows as N/A. Flags and other numbers are
 * false or 0 if no poll saw them.
 */
@Name(Connection.NAME)
@Label("Connection")
@Description("A TCP connection of this JVM, or an attempt at one, that has ended.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Threshold("0 ns")
public final class Connection extends FilteredEvent {
  public static final String NAME = "tcpstates.Connection";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Kind")
  @Description("CONNECT or ACCEPT.")
  public String kind;

  @Label("End")
  @Description(
      "FIN, RESET_BY_REMOTE, RESET_BY_LOCAL, REFUSED, TIMEOUT, UNREACHABLE, NO_LOCAL_PORT, DENIED,"
          + " ABANDONED, ERROR, or UNKNOWN if the connection ended between two polls.")
  public String end;

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
  @Label("Bytes Sent")
  @Description("Payload sent, without retransmits.")
  public long bytesSent;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Received")
  @Description("Payload received in order.")
  public long bytesReceived;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Handshake Time")
  @Description(
      "From the first transition until the connection was established, N/A if it never was, or the"
          + " polls can't bound it.")
  public long handshakeTime;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Established")
  @Description("Time in ESTABLISHED, N/A if the polls can't bound it.")
  public long timeEstablished;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Close Wait")
  @Description(
      "Time in CLOSE_WAIT, from the remote side's FIN until this side closed, N/A if the polls"
          + " can't bound it.")
  public long timeCloseWait;

  @Label("Closed By")
  @Description(
      "LOCAL or REMOTE, the side that sent the first FIN, nothing if neither did or no poll saw"
          + " it.")
  public String closedBy;

  @Label("Reason")
  @Description("Error that ended the connection, such as ECONNREFUSED, if there was one.")
  public String reason;

  @Label("Retransmits")
  @Description("Segments retransmitted.")
  public int retransmits;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Accept Queue Wait")
  @Description(
      "From the end of the handshake until accept returned the connection, or it ended"
          + " unaccepted, N/A where this side connected, or the polls can't bound it.")
  public long acceptQueueWait;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Idle Before")
  @Description(
      "How long the connection had been without data when its end began, with a FIN, a reset or an"
          + " error, N/A if it was never established or a poll found it.")
  public long idleBefore;

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side, 0 if none was bound.")
  public int localPort;

  @Label("Established")
  @Description(
      "Whether the connection was ever established, in a sampled event whether a poll saw it.")
  public boolean established;

  @Label("Accepted")
  @Description(
      "Whether accept returned this connection before it ended, false where this side connected.")
  public boolean accepted;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Fin Wait")
  @Description(
      "Time in FIN_WAIT1 and FIN_WAIT2, while a descriptor held the socket, N/A if the polls"
          + " can't bound it.")
  public long timeFinWait;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Last Ack")
  @Description("Time in LAST_ACK, N/A if the polls can't bound it.")
  public long timeLastAck;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Smoothed RTT")
  @Description("Smoothed round-trip time at the end, N/A if it was never measured.")
  public long smoothedRtt;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Minimum RTT")
  @Description("The kernel's minimum of the recent round-trip times, N/A if it was never measured.")
  public long minimumRtt;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Unread")
  @Description(
      "Payload received that the application did not read, 0 in a sampled event, where it is"
          + " unknown.")
  public long bytesUnread;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Retransmitted")
  @Description("Payload retransmitted.")
  public long bytesRetransmitted;

  @Label("Segments Sent")
  @Description("Segments sent with and without payload, without the reset that ends a connection.")
  public int segmentsSent;

  @Label("Segments Received")
  @Description("Segments received with and without payload.")
  public int segmentsReceived;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Uncertainty")
  @Description("How far the times of this event may be off, start and end included, 0 if exact.")
  public long uncertainty;

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
