// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.jfr.event.ListenQueue;
import dev.tcpstates.jfr.event.StateCount;
import dev.tcpstates.jfr.event.StuckSocket;
import dev.tcpstates.jfr.event.Throughput;
import java.util.List;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** While nobody wants the periodic events, the kernel is not asked. */
class PeriodicEventsTest {
  private int snapshots;

  private final OpenSockets sockets =
      new OpenSockets(1, new StackRule(List.of(), List.of()), fd -> 0, (id, site, fd) -> null);

  private final PeriodicEvents events =
      new PeriodicEvents(
          new PeriodicEvents.Snapshots() {
            @Override
            public SocketSnapshot ownSockets() {
              snapshots++;
              return null; // as where the kernel can't
            }

            @Override
            public SocketSnapshot table() {
              snapshots++;
              return null;
            }

            @Override
            public long cookie(int fd) {
              return 0;
            }
          },
          new PeriodicEvents.Limits(1, 1),
          new OpenerLookup(sockets, new SiteDictionary()));

  @BeforeEach
  void register() {
    List.of(Throughput.class, StateCount.class, StuckSocket.class, ListenQueue.class)
        .forEach(FlightRecorder::register);
  }

  @Test
  void noRecording() {
    events.ready();
    events.update();
    events.chunkEdge();
    events.ended(1, 5);
    assertFalse(events.wantsConnections());
    assertEquals(0, snapshots);
  }

  @ParameterizedTest
  @ValueSource(strings = {StateCount.NAME, "tcpstates.StateChange"})
  void aRecordingOfEventsThatNeedNoBeginning(String name) {
    events.ready();
    try (Recording recording = recording(name)) {
      recording.start();
      events.update();
      events.chunkEdge();
      assertFalse(events.wantsConnections());
    }
    assertEquals(0, snapshots);
  }

  @ParameterizedTest
  @ValueSource(strings = {Throughput.NAME, ListenQueue.NAME})
  void aRecordingOfEventsThatTellOfAnInterval(String name) {
    try (Recording recording = recording(name)) {
      recording.start();
      events.update();
      assertEquals(0, snapshots, "not all sockets are known yet");
      events.ready();
      events.update();
      assertEquals(1, snapshots);
      assertEquals(name.equals(Throughput.NAME), events.wantsConnections());
    }
    int before = snapshots;
    events.update();
    events.chunkEdge();
    assertEquals(before, snapshots);
    assertFalse(events.wantsConnections());
  }

  @Test
  void whatIsStuckIsReportedOnceWhenAChunkEndsAndTheNextBegins() {
    try (Recording recording = recording(StuckSocket.NAME)) {
      recording.start();
      events.chunkEdge();
      assertEquals(0, snapshots, "not all sockets are known yet");
      events.ready();
      events.update();
      assertEquals(0, snapshots);
      events.chunkEdge();
      events.chunkEdge();
      assertEquals(1, snapshots);
    }
  }

  /** All else off. */
  private static Recording recording(String name) {
    Recording recording = new Recording();
    for (String other :
        List.of(Throughput.NAME, StateCount.NAME, StuckSocket.NAME, ListenQueue.NAME)) {
      recording.disable(other);
    }
    recording.enable(name);
    return recording;
  }
}
