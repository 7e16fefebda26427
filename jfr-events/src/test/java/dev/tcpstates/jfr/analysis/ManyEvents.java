// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.StateChange;
import java.io.IOException;
import java.nio.file.Path;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Makes a recording with many events: connections that this side opens and closes, all at the same
 * pace, some of which stay open. Arguments: the file, and how many connections.
 */
public final class ManyEvents {
  /** Of each connection that ends: five transitions and its summary. */
  static final int EVENTS_EACH = 6;

  static final int SITES = 500;

  /** One of this number of connections stays in CLOSE_WAIT. */
  static final int LEAKS_ONE_OF = 1_000;

  private static final int DEPTH = 40;
  private static final String[] STATES = {
    "CLOSE", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE"
  };

  private ManyEvents() {}

  public static void main(String[] arguments) throws IOException {
    FlightRecorder.addPeriodicEvent(OpenSite.class, ManyEvents::sites);
    FlightRecorder.addPeriodicEvent(AgentState.class, ManyEvents::agent);
    try (Recording recording = new Recording()) {
      recording.setToDisk(true);
      recording.start();
      int connections = Integer.parseInt(arguments[1]);
      for (int i = 1; i <= connections; i++) {
        connection(i);
      }
      recording.stop();
      recording.dump(Path.of(arguments[0]));
    }
  }

  private static void agent() {
    AgentState state = new AgentState();
    state.attached = true;
    state.clock = "KERNEL";
    state.commit();
  }

  private static void sites() {
    for (int id = 1; id <= SITES; id++) {
      OpenSite site = new OpenSite();
      site.openSiteId = id;
      site.kind = "CONNECT";
      site.openedBy = openedBy(id);
      StringBuilder stack = new StringBuilder(site.openedBy);
      for (int frame = 0; frame < DEPTH; frame++) {
        stack.append("\ncom.example.deep.Caller").append(frame).append(".call:").append(id);
      }
      site.stack = stack.toString();
      site.commit();
    }
  }

  private static String openedBy(int id) {
    return "com.example.Client" + id + ".connect:" + id;
  }

  private static void connection(int number) {
    if (number % LEAKS_ONE_OF == 0) {
      for (String[] step :
          new String[][] {
            {"CLOSE", "SYN_SENT"}, {"SYN_SENT", "ESTABLISHED"}, {"ESTABLISHED", "CLOSE_WAIT"}
          }) {
        transition(number, step[0], step[1]);
      }
      return;
    }
    for (int i = 1; i < STATES.length; i++) {
      transition(number, STATES[i - 1], STATES[i]);
    }
    Connection connection = new Connection();
    connection.socketId = number;
    connection.kind = "CONNECT";
    connection.localAddress = "192.0.2.1";
    connection.localPort = 1_024 + number % 60_000;
    connection.address = "198.51.100." + number % 250;
    connection.port = 443;
    connection.end = "FIN";
    connection.established = true;
    connection.handshakeTime = 1_000 + number;
    connection.bytesSent = 100;
    connection.bytesReceived = 1_000;
    connection.openSiteId = site(number);
    connection.openedBy = openedBy(site(number));
    connection.openThread = "worker-" + number % 200;
    connection.commit();
  }

  private static int site(int number) {
    return 1 + number % SITES;
  }

  private static void transition(int number, String oldState, String newState) {
    StateChange change = new StateChange();
    change.socketId = number;
    change.localAddress = "192.0.2.1";
    change.localPort = 1_024 + number % 60_000;
    change.address = "198.51.100." + number % 250;
    change.port = 443;
    change.oldState = oldState;
    change.newState = newState;
    change.timeInState = 1_000;
    change.openSiteId = site(number);
    change.openedBy = openedBy(site(number));
    change.openThread = "worker-" + number % 200;
    change.taskName = "java";
    change.commit();
  }
}
