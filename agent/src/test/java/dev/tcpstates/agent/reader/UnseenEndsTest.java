// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.TestRecording;
import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.agent.opener.FakeHooks;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.RecordsLost;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnseenEndsTest {
  private static final int OPEN = 5;
  private static final int CLOSED = 6;
  private static final int LINGERS = 7;
  private static final int UNUSED = 9;

  private final FakeSource source = new FakeSource();
  private final FakeHooks hooks = new FakeHooks();
  private final List<String> ended = new ArrayList<>();
  private final Set<Long> gone = new TreeSet<>();

  private final RecordSink sink =
      new RecordSink() {
        @Override
        public void transition(TransitionView transition) {}

        @Override
        public void connection(ConnectionView connection) {}

        @Override
        public void ended(long socketId, int oldState) {
          ended.add(socketId + (hooks.sockets.isKnown(socketId) ? " known" : " unknown"));
        }
      };

  private final UnseenEnds ends =
      new UnseenEnds(
          source,
          hooks.sockets,
          sink,
          socketId -> {
            assertFalse(hooks.sockets.isKnown(socketId));
            gone.add(socketId);
          });

  /** Three sockets that the kernel has reported: one has a descriptor, one only the kernel has. */
  @BeforeEach
  void open() throws Exception {
    for (int socketId : List.of(OPEN, CLOSED, LINGERS)) {
      hooks.connect(socketId, "client");
      hooks.sockets.findReported(socketId);
    }
    hooks.closed.addAll(List.of(CLOSED, LINGERS));
    source.sockets.add(Records.snapshot(LINGERS, TcpState.FIN_WAIT1, 0));
  }

  private static Losses lost(long records) {
    return new Losses(records, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void whileNothingIsMissedNobodySearches() {
    ends.searchBeforeChunkEnd();
    ends.searchNowAndThen();
    assertEquals(List.of("reconcile"), source.calls);
    assertEquals(3, hooks.sockets.size());
  }

  /** The kernel reports nothing of a socket that was opened, and closed before it was used. */
  @Test
  void closedBeforeUseIsForgottenAtTheChunksEnd() throws Exception {
    hooks.connect(UNUSED, "client");
    ends.searchBeforeChunkEnd();
    assertEquals(Set.of(), gone, "it may still be used");
    hooks.closed.add(UNUSED);
    searchAfterAWhile();
    assertEquals(Set.of((long) UNUSED), gone);
    assertEquals(3, hooks.sockets.size());
  }

  @Test
  void ifAnEndWasMissedWhatTheKernelDoesNotHaveIsForgotten() {
    source.endMissed = true;
    ends.searchBeforeChunkEnd();
    assertEquals(Set.of((long) CLOSED), gone);
    assertTrue(hooks.sockets.isKnown(OPEN));
    assertTrue(hooks.sockets.isKnown(LINGERS));
  }

  @Test
  void aLossOfRecordsMayBeALossOfAnEnd() {
    source.losses = lost(1);
    assertTrue(ends.reconcile());
    assertFalse(ends.reconcile(), "each loss once");
    source.losses = lost(2);
    searchAfterAWhile();
    assertEquals(Set.of((long) CLOSED), gone);
  }

  /** At once after a comparison, another one is not made. */
  private void searchAfterAWhile() {
    long before = source.count("reconcile");
    while (source.count("reconcile") == before) {
      ends.searchBeforeChunkEnd();
    }
  }

  @Test
  void aLossIsReportedOnceWithItsReason() throws Exception {
    try (TestRecording recording = TestRecording.of(RecordsLost.NAME)) {
      source.losses = lost(3);
      assertTrue(ends.reportLosses());
      assertFalse(ends.reportLosses());
      ends.searchBeforeChunkEnd();
      List<String> reasons =
          recording.events(RecordsLost.NAME).stream()
              .map(event -> event.getInt("count") + " " + event.getString("reason"))
              .toList();
      assertEquals(List.of("3 RING_FULL"), reasons);
    }
  }

  /** Its end came while the sockets were listed: its record is read before it is forgotten. */
  @Test
  void aRecordThatIsInTheRingStillFindsItsOpener() {
    source.endMissed = true;
    source.atListing =
        () -> {
          source.sockets.clear();
          source.submit(Records.end(LINGERS, TcpState.LAST_ACK));
        };
    ends.searchBeforeChunkEnd();
    assertEquals(List.of(LINGERS + " known"), ended);
    assertEquals(1, hooks.sockets.size());
  }

  @Test
  void atAChunksEndNoListIsWorthAnyTime() {
    source.endMissed = true;
    source.lastThorough = true;
    ends.searchBeforeChunkEnd();
    assertEquals(1, source.count("forEachSocket"));
    assertFalse(source.lastThorough);
  }

  @Test
  void whatAnIncompleteListDoesNotHaveMayBeOpen() {
    source.endMissed = true;
    source.complete = false;
    ends.searchBeforeChunkEnd();
    assertEquals(Set.of(), gone);
    assertEquals(3, hooks.sockets.size());
  }

  @Test
  void aRefusedListForgetsNothing() {
    source.endMissed = true;
    source.refused.add("forEachSocket");
    ends.searchBeforeChunkEnd();
    assertEquals(1, source.count("forEachSocket"));
    assertEquals(Set.of(), gone);
  }

  @Test
  void ifTheSocketsCannotBeCountedLossesAreReportedAllTheSame() {
    source.refused.add("reconcile");
    assertFalse(ends.reconcile());
    source.losses = lost(1);
    assertTrue(ends.reconcile());
  }

  /** JFR asks for one event after the other at a chunk's end. */
  @Test
  void rightAfterAComparisonThereIsNoOther() {
    long elapsed;
    do {
      source.calls.clear();
      long before = System.nanoTime();
      ends.reconcile();
      ends.searchBeforeChunkEnd();
      elapsed = System.nanoTime() - before;
    } while (elapsed >= TimeUnit.MILLISECONDS.toNanos(20));
    assertEquals(1, source.count("reconcile"));
  }

  /** A search of 60 ms, and 40 ms later JFR asks again. */
  @Test
  void aSearchThatTakesLongIsNotRepeatedAtOnce() throws Exception {
    source.endMissed = true;
    source.atListing = () -> sleep(60);
    long elapsed;
    do {
      ends.searchBeforeChunkEnd();
      source.calls.clear();
      long end = System.nanoTime();
      sleep(40);
      ends.searchBeforeChunkEnd();
      elapsed = System.nanoTime() - end;
    } while (elapsed >= TimeUnit.MILLISECONDS.toNanos(4 * 60));
    assertEquals(0, source.count("reconcile"));
    sleep(4 * 60 + 1_000);
    ends.searchBeforeChunkEnd();
    assertEquals(1, source.count("reconcile"));
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
