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
 * A place in the code that opened sockets: the dictionary in which the other events' {@link
 * OpenSiteId} is looked up. Every chunk has one for each site that its events name.
 */
@Name(OpenSite.NAME)
@Label("Open Site")
@Description("A place in the Java code that opened TCP sockets.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("everyChunk")
public final class OpenSite extends Event {
  public static final String NAME = "tcpstates.OpenSite";

  @OpenSiteId
  @Label("Open Site Id")
  @Description("Number of this place in the code.")
  public long openSiteId;

  @Label("Kind")
  @Description("CONNECT, LISTEN, ACCEPT, or ADOPTED for what was open before the agent.")
  public String kind;

  @Label("Opened By")
  @Description("Frames that opened the socket, the application's own first, cut at 127 characters.")
  public String openedBy;

  @Label("Stack")
  @Description("All frames of the stack, one on a line, the innermost first.")
  public String stack;

  @Label("Sockets Opened")
  @Description("How many sockets were opened here so far.")
  public int opened;

  @Label("Sockets Open")
  @Description("How many of the sockets opened here are still open.")
  public int open;
}
