// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.opener.ThreadStarts;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.AgentState;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Flight Recorder asks for when a chunk begins and ends; each recording here is a chunk. */
@SuppressWarnings("try") // a recording that just has to run
class JfrBridgeTest {
  private static final StackRule RULE = new StackRule(List.of(), List.of());
  private static final int CLIENT = 5;

  /** One for the JVM: hooks of Flight Recorder stay. */
  private static final JfrBridge BRIDGE = new JfrBridge("9.9", failure -> {});

  private final FakeSource source = new FakeSource();

  private void attach() {
    source.sockets.add(
        Records.snapshot(CLIENT, TcpState.ESTABLISHED, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.ADOPTED));
    BRIDGE.attach(
        source,
        null,
        64,
        RULE,
        new ThreadStarts(64, RULE),
        SocketFilter.ALL,
        TimeUnit.HOURS.toNanos(1),
        10,
        0);
    BRIDGE.hooked();
  }

  @AfterEach
  void detach() {
    BRIDGE.detach();
  }

  @Test
  void eachChunkHasTheOpenSocketsAndTheSitesThatItUses() throws Exception {
    attach();
    for (int chunk = 0; chunk < 2; chunk++) {
      try (TestRecording recording =
          TestRecording.of(StateChange.NAME, SocketState.NAME, OpenSite.NAME)) {
        source.submit(
            Records.transition(
                CLIENT, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, System.nanoTime()));
        List<RecordedEvent> changes = recording.events(StateChange.NAME);
        assertEquals(1, changes.size(), "of what was in the ring when the chunk ended");
        long site = changes.get(0).getLong("openSiteId");
        assertNotEquals(0, site);
        List<RecordedEvent> sites = recording.events(OpenSite.NAME);
        assertTrue(sites.size() >= 2, "at its start and its end");
        for (RecordedEvent event : sites) {
          assertEquals(site, event.getLong("openSiteId"));
          assertEquals("ADOPTED", event.getString("kind"));
          assertEquals(1, event.getInt("open"));
        }
        List<RecordedEvent> open = recording.events(SocketState.NAME);
        assertEquals(1, open.size());
        assertEquals(site, open.get(0).getLong("openSiteId"));
      }
    }
  }

  @Test
  void theStateOfTheAgentIsThatOfItsSource() throws Exception {
    attach();
    BRIDGE.options("log=off");
    BRIDGE.hooks(() -> "all");
    source.losses = new Losses(3, 0, 0, 0, 0, 0, 0, 0, 0, 4);
    RecordedEvent state = lastState();
    assertTrue(state.getBoolean("attached"));
    assertEquals(null, state.getString("reason"));
    assertEquals("EXACT", state.getString("mode"));
    assertEquals("9.9", state.getString("version"));
    assertEquals("log=off", state.getString("options"));
    assertEquals("all", state.getString("hooks"));
    assertEquals("KERNEL", state.getString("clock"));
    assertEquals(7, state.getInt("lost"));
    assertEquals(1, state.getInt("openSockets"));
    assertEquals(1, state.getInt("openSites"));
    assertEquals(source.ringSize(), state.getLong("ringSize"));
  }

  @Test
  void withoutASourceTheStateSaysWhy() throws Exception {
    BRIDGE.notAttached("no capability");
    RecordedEvent state = lastState();
    assertFalse(state.getBoolean("attached"));
    assertEquals("no capability", state.getString("reason"));
    attach();
    BRIDGE.detach();
    assertEquals(1, source.count("close"));
    assertEquals("detached", lastState().getString("reason"));
  }

  /** Also if it has none of the events that Flight Recorder asks for when a chunk begins. */
  @Test
  void aRecordingThatBeginsIsNoticedAtOnce() {
    attach();
    try (TestRecording recording = TestRecording.of(StateChange.NAME)) {
      assertTrue(source.calls.contains("recording [TRANSITIONS]"), source.calls::toString);
    }
    assertTrue(source.calls.contains("recording []"), source.calls::toString);
  }

  private static RecordedEvent lastState() throws Exception {
    try (TestRecording recording = TestRecording.of(AgentState.NAME)) {
      List<RecordedEvent> states = recording.events(AgentState.NAME);
      return states.get(states.size() - 1);
    }
  }
}
