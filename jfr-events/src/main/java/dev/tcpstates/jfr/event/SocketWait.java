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

/**
 * A thread that waits for a socket in a system call. The thread's stack is in JFR's event {@code
 * jdk.ThreadDump}, which names the thread by {@code osThreadId} as {@code nid}.
 */
@Name(SocketWait.NAME)
@Label("Socket Wait")
@Description("A thread of this JVM that waits for a TCP socket in a system call at this moment.")
@Category({"TCP"})
@Enabled(false)
@StackTrace(false)
@Period("endChunk")
public final class SocketWait extends Event {
  public static final String NAME = "tcpstates.SocketWait";

  @SocketId
  @Label("Socket Id")
  @Description("Cookie of the socket, which ss -e shows in hex as sk.")
  public long socketId;

  @Label("OS Thread Id")
  @Description("The kernel's id of the waiting thread, which a thread dump shows as nid.")
  public long osThreadId;

  @Label("System Call")
  @Description("System call in which the thread waits, such as read, poll or epoll_wait.")
  public String systemCall;

  @Label("Sockets")
  @Description("How many TCP sockets of this JVM the call waits for; many for an event loop.")
  public int sockets;

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
}
