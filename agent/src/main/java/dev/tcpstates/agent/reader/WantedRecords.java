// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.record.EventRegistration;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.StateChange;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Event;
import jdk.jfr.EventType;

/** Which of the kernel's records some recording wants now. */
final class WantedRecords {
  /** Made when the event types are registered. */
  private static final class Types {
    static final Map<RecordType, EventType> EVENTS = new EnumMap<>(RecordType.class);

    static {
      put(RecordType.TRANSITIONS, StateChange.class);
      put(RecordType.CONNECTIONS, Connection.class);
      put(RecordType.RETRANSMITS, Retransmit.class);
      put(RecordType.RESETS, Reset.class);
    }

    private static void put(RecordType record, Class<? extends Event> event) {
      EVENTS.put(record, EventType.getEventType(event));
    }
  }

  /** To be called once the event types are registered, without the reader's lock: JFR takes its. */
  static void registered() {
    Types.EVENTS.size();
  }

  Set<RecordType> now() {
    Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
    if (EventRegistration.isDone()) {
      for (Map.Entry<RecordType, EventType> event : Types.EVENTS.entrySet()) {
        if (event.getValue().isEnabled()) {
          wanted.add(event.getKey());
        }
      }
    }
    return wanted;
  }
}
