// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.StateChange;
import java.util.List;

/** The times of the events that are made of the kernel's records. */
public record RecordTimes(
    EventTimes<StateChange> transitions,
    EventTimes<Connection> connections,
    EventTimes<Retransmit> retransmits,
    EventTimes<Reset> resets) {
  public RecordTimes() {
    this(
        new EventTimes<>(StateChange.class, StateChange::new),
        new EventTimes<>(Connection.class, Connection::new),
        new EventTimes<>(Retransmit.class, Retransmit::new),
        new EventTimes<>(Reset.class, Reset::new));
  }

  public List<EventTimes<?>> all() {
    return List.of(transitions, connections, retransmits, resets);
  }
}
