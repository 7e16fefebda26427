// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** The accept queue of a listener. */
@Name(ListenQueue.NAME)
@Label("Listen Queue")
@Description("The accept queue of a listening TCP socket of this JVM.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("10 s")
public final class ListenQueue extends Event {
  public static final String NAME = "tcpstates.ListenQueue";

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

  @Label("Queue Length")
  @Description("Connections that are established and wait for accept.")
  public int queueLength;

  @Label("Queue Limit")
  @Description("How many may wait, the backlog in effect.")
  public int queueLimit;

  @Label("Drops")
  @Description("Connections and requests this listener dropped since the previous such event.")
  public int drops;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Open Thread")
  @Description("Name of the thread that opened the socket.")
  public String openThread;

  @Label("Namespace Overflows")
  @Description(
      "How often any accept queue of this network namespace was full since the previous such"
          + " event.")
  public int namespaceOverflows;

  @Label("Open Thread Id")
  @Description("Java id of the thread that opened the socket.")
  public long openThreadId;

  @OpenSiteId
  @Label("Open Site Id")
  @Description("Number of the call site that opened the socket, 0 if unknown.")
  public long openSiteId;
}
