// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.Reset;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // a recording that just has to run
class WantedRecordsTest {
  @BeforeAll
  static void register() {
    TestRecording.registerEvents();
  }

  private final WantedRecords records = new WantedRecords();

  @Test
  void eachEventNeedsItsRecords() {
    Map.of(
            StateChange.NAME, RecordType.TRANSITIONS,
            Connection.NAME, RecordType.CONNECTIONS,
            Retransmit.NAME, RecordType.RETRANSMITS,
            Reset.NAME, RecordType.RESETS)
        .forEach(
            (event, type) -> {
              try (TestRecording recording = TestRecording.of(event)) {
                assertEquals(Set.of(type), records.now());
              }
            });
  }

  @Test
  void othersNeedNone() {
    assertEquals(Set.of(), records.now());
    try (TestRecording recording = TestRecording.of(SocketState.NAME)) {
      assertEquals(Set.of(), records.now());
    }
  }

  @Test
  void whatOneOfSeveralRecordingsNeedsIsWanted() {
    try (TestRecording first = TestRecording.of(StateChange.NAME)) {
      try (TestRecording second = TestRecording.of(Reset.NAME)) {
        assertEquals(EnumSet.of(RecordType.TRANSITIONS, RecordType.RESETS), records.now());
      }
      assertEquals(EnumSet.of(RecordType.TRANSITIONS), records.now());
      first.enable(Connection.NAME);
      assertEquals(EnumSet.of(RecordType.TRANSITIONS, RecordType.CONNECTIONS), records.now());
    }
    assertEquals(Set.of(), records.now());
  }
}
