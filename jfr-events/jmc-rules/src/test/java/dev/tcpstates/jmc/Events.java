// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;

/** Events with the values that the agent sets. */
final class Events {
  static final String OPENED_BY = "app.Client.<init>:12 < app.Main.main:3";
  static final String LINE = "app.Client.<init>:12";
  static final String ADDRESS = "192.0.2.7";
  static final int PORT = 443;

  private Events() {}

  static void attached() {
    AgentState state = new AgentState();
    state.attached = true;
    state.clock = "KERNEL";
    state.commit();
  }

  static void sampling() {
    AgentState state = new AgentState();
    state.attached = true;
    state.mode = "SAMPLED";
    state.pollInterval = 1_000_000_000;
    state.reason = "EPERM";
    state.clock = "COMMIT";
    state.commit();
  }

  static StateChange change(long socketId, String oldState, String newState) {
    StateChange event = new StateChange();
    event.socketId = socketId;
    event.oldState = oldState;
    event.newState = newState;
    event.address = ADDRESS;
    event.port = PORT;
    event.localAddress = "192.0.2.1";
    event.localPort = 8080;
    event.openedBy = OPENED_BY;
    return event;
  }

  static SocketState state(long socketId, String state, long timeInState) {
    SocketState event = new SocketState();
    event.socketId = socketId;
    event.state = state;
    event.timeInState = timeInState;
    event.openedBy = OPENED_BY;
    return event;
  }

  /** Established and ended by FIN, unless the test changes that. */
  static Connection connection(long socketId, String kind) {
    Connection event = new Connection();
    event.socketId = socketId;
    event.kind = kind;
    event.address = ADDRESS;
    event.port = PORT;
    event.localAddress = "192.0.2.1";
    event.localPort = 8080;
    event.established = true;
    event.end = "FIN";
    event.openedBy = OPENED_BY;
    return event;
  }
}
