// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static org.openjdk.jmc.common.item.Attribute.attr;

import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;

/** The agent's events in JMC: types by name, attributes by id and content type. */
final class Tcp {
  static final String STATE_CHANGE = "tcpstates.StateChange";
  static final String CONNECTION = "tcpstates.Connection";
  static final String SOCKET_OPEN = "tcpstates.SocketOpen";
  static final String SOCKET_STATE = "tcpstates.SocketState";
  static final String STUCK_SOCKET = "tcpstates.StuckSocket";
  static final String OPEN_SITE = "tcpstates.OpenSite";
  static final String LISTEN_QUEUE = "tcpstates.ListenQueue";
  static final String RESET = "tcpstates.Reset";
  static final String RETRANSMIT = "tcpstates.Retransmit";
  static final String RECORDS_LOST = "tcpstates.RecordsLost";
  static final String AGENT_STATE = "tcpstates.AgentState";

  /** Flight Recorder's own event for lost buffers. */
  static final String DATA_LOSS = "jdk.DataLoss";

  static final IAttribute<Number> SOCKET_ID = id("socketId", "Socket Id");
  static final IAttribute<Number> OPEN_SITE_ID = id("openSiteId", "Open Site Id");
  static final IAttribute<String> LOCAL_ADDRESS = text("localAddress", "Local Address");
  static final IAttribute<IQuantity> LOCAL_PORT = number("localPort", "Local Port");
  static final IAttribute<String> ADDRESS = text("address", "Remote Address");
  static final IAttribute<IQuantity> PORT = number("port", "Remote Port");
  static final IAttribute<String> OPENED_BY = text("openedBy", "Opened By");
  static final IAttribute<String> KIND = text("kind", "Kind");
  static final IAttribute<String> REASON = text("reason", "Reason");

  static final IAttribute<String> OLD_STATE = text("oldState", "Old State");
  static final IAttribute<String> NEW_STATE = text("newState", "New State");
  static final IAttribute<IQuantity> TIME_IN_STATE = time("timeInState", "Time In State");

  static final IAttribute<String> END = text("end", "End");
  static final IAttribute<IQuantity> ACCEPT_QUEUE_WAIT =
      time("acceptQueueWait", "Accept Queue Wait");
  static final IAttribute<IQuantity> TIME_ESTABLISHED = time("timeEstablished", "Time Established");
  static final IAttribute<IQuantity> BYTES_UNREAD = memory("bytesUnread", "Bytes Unread");
  static final IAttribute<IQuantity> SEGMENTS_SENT = number("segmentsSent", "Segments Sent");
  static final IAttribute<String> CAUSE = text("cause", "Cause");
  static final IAttribute<String> DIRECTION = text("direction", "Direction");
  static final IAttribute<IQuantity> RETRANSMITS = number("retransmits", "Retransmits");

  static final IAttribute<IQuantity> QUEUE_LENGTH = number("queueLength", "Queue Length");
  static final IAttribute<IQuantity> DROPS = number("drops", "Drops");

  static final IAttribute<IQuantity> COUNT = number("count", "Records Lost");
  static final IAttribute<String> LOST_TYPE = text("lostType", "Event Type");
  static final IAttribute<Boolean> ATTACHED = attr("attached", "Attached", UnitLookup.FLAG);
  static final IAttribute<String> MODE = text("mode", "Mode");
  static final IAttribute<IQuantity> POLL_INTERVAL = time("pollInterval", "Poll Interval");
  static final IAttribute<String> CLOCK = text("clock", "Clock Source");
  static final IAttribute<String> MISSING = text("missing", "Missing Events");
  static final IAttribute<IQuantity> SUPPRESSED_ERRORS =
      number("suppressedErrors", "Suppressed Errors");
  static final IAttribute<IQuantity> AMOUNT = memory("amount", "Amount");

  private Tcp() {}

  private static IAttribute<Number> id(String id, String name) {
    return attr(id, name, UnitLookup.RAW_NUMBER);
  }

  private static IAttribute<String> text(String id, String name) {
    return attr(id, name, UnitLookup.PLAIN_TEXT);
  }

  private static IAttribute<IQuantity> number(String id, String name) {
    return attr(id, name, UnitLookup.NUMBER);
  }

  private static IAttribute<IQuantity> time(String id, String name) {
    return attr(id, name, UnitLookup.TIMESPAN);
  }

  private static IAttribute<IQuantity> memory(String id, String name) {
    return attr(id, name, UnitLookup.MEMORY);
  }
}
