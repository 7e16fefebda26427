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
 * How many sockets are in each state, as {@code ss -tan} shows them in the agent's network
 * namespace. FIN_WAIT2 includes connections whose socket is closed, and SYN_RECV includes half-open
 * ones. For a minute or two after {@link RecordsLost}, TIME_WAIT may be too low.
 */
@Name(StateCount.NAME)
@Label("State Count")
@Description("How many TCP sockets of this JVM are in each state.")
@Category({"TCP"})
@Enabled(true)
@StackTrace(false)
@Period("10 s")
public final class StateCount extends Event {
  public static final String NAME = "tcpstates.StateCount";

  @Label("Estab")
  @Description("Sockets in ESTABLISHED.")
  public int inEstablished;

  @Label("SynSent")
  @Description("Sockets in SYN_SENT.")
  public int inSynSent;

  @Label("SynRecv")
  @Description("Sockets in SYN_RECV.")
  public int inSynRecv;

  @Label("FinWait1")
  @Description("Sockets in FIN_WAIT1.")
  public int inFinWait1;

  @Label("FinWait2")
  @Description("Sockets in FIN_WAIT2.")
  public int inFinWait2;

  @Label("TimeWait")
  @Description("Sockets in TIME_WAIT.")
  public int inTimeWait;

  @Label("CloseWait")
  @Description("Sockets in CLOSE_WAIT.")
  public int inCloseWait;

  @Label("LastAck")
  @Description("Sockets in LAST_ACK.")
  public int inLastAck;

  @Label("Listen")
  @Description("Sockets in LISTEN.")
  public int inListen;

  @Label("Closing")
  @Description("Sockets in CLOSING.")
  public int inClosing;
}
