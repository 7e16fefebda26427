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
 * A connection, or an attempt at one, from its first transition to CLOSE. The event lasts as long
 * as the connection did, so a threshold on it selects by lifetime.
 *
 * <p>In the mode SAMPLED the agent emits it for each connection that a poll has found. The counters
 * are then those of the last poll that found it, so at least that much was sent and received. A
 * time that the polls can't bound is {@code Long.MIN_VALUE}, which Flight Recorder shows as N/A. A
 * flag, and a number without such a value, is false or 0 if the polls did not see it.
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

  @Label("Local Address")
  @Description("IP address of this side.")
  public String localAddress;

  @Label("Local Port")
  @Description("Port of this side, 0 if none was bound.")
  public int localPort;

  @Label("Remote Address")
  @Description("IP address of the other side.")
  public String address;

  @Label("Remote Port")
  @Description("Port of the other side.")
  public int port;

  @Label("End")
  @Description(
      "FIN, RESET_BY_REMOTE, RESET_BY_LOCAL, REFUSED, TIMEOUT, UNREACHABLE, ABANDONED, ERROR, or"
          + " UNKNOWN if the connection ended between two polls.")
  public String end;

  @Label("Closed By")
  @Description(
      "LOCAL or REMOTE, whose FIN was first, nothing if neither sent one or no poll saw it.")
  public String closedBy;

  @Label("Reason")
  @Description("Error that ended the connection, such as ECONNREFUSED, if there was one.")
  public String reason;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Uncertainty")
  @Description(
      "By how much the times of this event, its start and end included, may be off, 0 if exact.")
  public long uncertainty;

  @Label("Established")
  @Description(
      "Whether the connection was ever established, in a sampled event whether a poll saw it so.")
  public boolean established;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Handshake Time")
  @Description(
      "From the first transition until the connection was established, 0 if it never was, N/A if no"
          + " poll saw how long.")
  public long handshakeTime;

  @Label("Accepted")
  @Description(
      "Whether accept returned this connection before it ended, false where this side connected.")
  public boolean accepted;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Accept Queue Wait")
  @Description(
      "How long it was established before accept returned it, or it ended unaccepted, N/A if no"
          + " poll saw how long.")
  public long acceptQueueWait;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Established")
  @Description("Time in ESTABLISHED, N/A if no poll saw how long.")
  public long timeEstablished;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Close Wait")
  @Description(
      "Time in CLOSE_WAIT, from the other side's FIN until this side closed, N/A if no poll saw how"
          + " long.")
  public long timeCloseWait;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Fin Wait")
  @Description(
      "Time in FIN_WAIT1 and FIN_WAIT2, while a descriptor held the socket, N/A if no poll saw how"
          + " long.")
  public long timeFinWait;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Time Last Ack")
  @Description("Time in LAST_ACK, N/A if no poll saw how long.")
  public long timeLastAck;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Sent")
  @Description("Payload sent, not counting what was sent again.")
  public long bytesSent;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Received")
  @Description("Payload received in order.")
  public long bytesReceived;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Retransmitted")
  @Description("Payload sent again.")
  public long bytesRetransmitted;

  @DataAmount(DataAmount.BYTES)
  @Label("Bytes Unread")
  @Description(
      "Payload received that the application did not read, 0 in a sampled event, which can't know.")
  public long bytesUnread;

  @Label("Segments Sent")
  @Description("Segments sent, with or without payload, but for the reset that ends a connection.")
  public int segmentsSent;

  @Label("Segments Received")
  @Description("Segments received, with or without payload.")
  public int segmentsReceived;

  @Label("Retransmits")
  @Description("Segments sent again.")
  public int retransmits;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Smoothed RTT")
  @Description("Smoothed round-trip time at the end, 0 if it was never measured.")
  public long smoothedRtt;

  @Timespan(Timespan.NANOSECONDS)
  @Label("Minimum RTT")
  @Description("Shortest round-trip time of late, 0 if it was never measured.")
  public long minimumRtt;

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
  @Description("Number of the place in the code that opened the socket, 0 if unknown.")
  public long openSiteId;

  @SocketId
  @Label("Listener Id")
  @Description("Cookie of the listener that this socket was accepted from, 0 if from none.")
  public long listenerId;
}
