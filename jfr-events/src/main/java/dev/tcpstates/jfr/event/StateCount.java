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

  @Label("In Established")
  @Description("Sockets in ESTABLISHED.")
  public int inEstablished;

  @Label("In Syn Sent")
  @Description("Sockets in SYN_SENT.")
  public int inSynSent;

  @Label("In Syn Recv")
  @Description("Sockets in SYN_RECV.")
  public int inSynRecv;

  @Label("In Fin Wait1")
  @Description("Sockets in FIN_WAIT1.")
  public int inFinWait1;

  @Label("In Fin Wait2")
  @Description("Sockets in FIN_WAIT2.")
  public int inFinWait2;

  @Label("In Time Wait")
  @Description("Sockets in TIME_WAIT.")
  public int inTimeWait;

  @Label("In Close Wait")
  @Description("Sockets in CLOSE_WAIT.")
  public int inCloseWait;

  @Label("In Last Ack")
  @Description("Sockets in LAST_ACK.")
  public int inLastAck;

  @Label("In Listen")
  @Description("Sockets in LISTEN.")
  public int inListen;

  @Label("In Closing")
  @Description("Sockets in CLOSING.")
  public int inClosing;
}
