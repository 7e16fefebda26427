// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.RecordsLost;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.Throughput;
import jdk.jfr.FlightRecorder;

/** Emits the agent's events for a test. */
final class FakeAgent implements AutoCloseable {
  private final Runnable hook;
  private String hooks = "all";
  private String missing;

  /** An agent that records exactly. */
  FakeAgent() {
    this(null);
  }

  /**
   * @param reason why it is not attached, or null if it is
   */
  FakeAgent(String reason) {
    this(reason == null ? "EXACT" : null, reason);
  }

  /** An agent that polls each second. */
  static FakeAgent sampling(String reason) {
    return new FakeAgent("SAMPLED", reason);
  }

  private FakeAgent(String mode, String reason) {
    FlightRecorder.register(AgentState.class);
    FlightRecorder.register(StateChange.class);
    FlightRecorder.register(Connection.class);
    FlightRecorder.register(SocketOpen.class);
    FlightRecorder.register(OpenSite.class);
    FlightRecorder.register(RecordsLost.class);
    FlightRecorder.register(SocketState.class);
    FlightRecorder.register(Retransmit.class);
    FlightRecorder.register(Throughput.class);
    hook =
        () -> {
          AgentState event = new AgentState();
          event.attached = mode != null;
          event.mode = mode;
          event.pollInterval = "SAMPLED".equals(mode) ? 1_000_000_000 : 0;
          event.reason = reason;
          event.hooks = hooks;
          event.missing = missing;
          event.commit();
        };
    FlightRecorder.addPeriodicEvent(AgentState.class, hook);
  }

  /** From now on, this method has no hook. */
  void lacksHook(String method) {
    hooks = "missing: " + method;
  }

  /** From now on, the kernel does not report this event. */
  void doesNotRecord(String event) {
    missing = event + " (no tracepoint)";
  }

  /** Emits a loss. */
  static void lose(int count, String reason) {
    RecordsLost event = new RecordsLost();
    event.count = count;
    event.lostType = StateChange.NAME;
    event.reason = reason;
    event.commit();
  }

  /** Removes the agent's events. */
  @Override
  public void close() {
    FlightRecorder.removePeriodicEvent(hook);
    FlightRecorder.unregister(AgentState.class);
  }
}
