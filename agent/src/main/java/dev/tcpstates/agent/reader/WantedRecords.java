// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.wire.RecordType;
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
  private final Map<RecordType, EventType> events = new EnumMap<>(RecordType.class);

  WantedRecords() {
    put(RecordType.TRANSITIONS, StateChange.class);
    put(RecordType.CONNECTIONS, Connection.class);
    put(RecordType.RETRANSMITS, Retransmit.class);
    put(RecordType.RESETS, Reset.class);
  }

  private void put(RecordType record, Class<? extends Event> event) {
    events.put(record, EventType.getEventType(event));
  }

  Set<RecordType> now() {
    Set<RecordType> wanted = EnumSet.noneOf(RecordType.class);
    events.forEach(
        (record, event) -> {
          if (event.isEnabled()) {
            wanted.add(record);
          }
        });
    return wanted;
  }
}
