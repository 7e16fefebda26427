// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A socket was opened. The event has the thread and the stack trace that opened it. */
@Name(SocketOpen.NAME)
@Label("Socket Open")
@Description("Java code opened or accepted a TCP socket.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(true)
@Threshold("0 ns")
public final class SocketOpen extends Event {
  public static final String NAME = "tcpstates.SocketOpen";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("Kind")
  @Description("CONNECT, LISTEN or ACCEPT.")
  public String kind;

  @OpenSiteId
  @Label("Open Site Id")
  @Description("Number of the call site that opened the socket, 0 if unknown.")
  public long openSiteId;
}
