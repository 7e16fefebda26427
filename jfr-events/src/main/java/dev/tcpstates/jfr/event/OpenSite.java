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
 * A call site that opened sockets. These events are the dictionary for the {@link OpenSiteId} of
 * other events: every chunk has one for each call site that its events refer to.
 */
@Name(OpenSite.NAME)
@Label("Open Site")
@Description("A call site in the Java code that opened TCP sockets.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("everyChunk")
public final class OpenSite extends Event {
  public static final String NAME = "tcpstates.OpenSite";

  @OpenSiteId
  @Label("Open Site Id")
  @Description("Number of this call site.")
  public long openSiteId;

  @Label("Kind")
  @Description(
      "CONNECT, LISTEN, ACCEPT, or ADOPTED for sockets that were open before the agent started.")
  public String kind;

  @Label("Opened")
  @Description("How many sockets were opened here so far.")
  public int opened;

  @Label("Open Now")
  @Description("How many of the sockets opened here are still open.")
  public int open;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Stack")
  @Description(
      "All frames of the stack, one per line, the innermost first, then those that started the"
          + " thread or submitted the task if none is the application's.")
  public String stack;
}
