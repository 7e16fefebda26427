// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.agent.bpf.Layout.CpuCounters;
import dev.tcpstates.agent.bpf.Layout.Snapshot;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is concluded from the gauges and the kernel's list, where a kernel does what it is told. */
class MarkedSocketsTest {
  private static final int ALL = 3;
  private static final int TRANSITIONS_ONLY = 1;
  private static final int CONNECTIONS_ONLY = 2;
  private static final int NOTHING = 0;

  private final ByteBuffer control = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(2 * CpuCounters.BYTES).order(ByteOrder.nativeOrder());
  private final Counters counters = new Counters(memory);
  private final List<Integer> listings = new ArrayList<>();
  private int walks;

  private void set(int counter, long to) {
    memory.putLong(counter, to);
  }

  /** On the second CPU; what is corrected is on the first. */
  private void gauge(TcpState state, long by) {
    int at = CpuCounters.BYTES + CpuCounters.SOCKETS + state.kernelValue() * Long.BYTES;
    memory.putLong(at, memory.getLong(at) + by);
  }

  private long gauge(TcpState state) {
    return counters.get(CpuCounters.SOCKETS + state.kernelValue() * Long.BYTES);
  }

  private void census(TcpState state, long number) {
    control.putLong(Control.CENSUS + state.kernelValue() * Long.BYTES, number);
  }

  /** In the gauges: one listener, three ESTABLISHED, two LAST_ACK. */
  private MarkedSockets sockets(int recording, Runnable walk) {
    control.putInt(Control.RECORDING, recording);
    gauge(TcpState.LISTEN, 1);
    gauge(TcpState.ESTABLISHED, 3);
    gauge(TcpState.LAST_ACK, 2);
    set(CpuCounters.TRANSITIONS, 100);
    set(CpuCounters.SETTLED, 100);
    return new MarkedSockets(
        control,
        counters,
        pieces -> {
          walks++;
          assertEquals(0, control.getInt(Control.WALK));
          walk.run();
        });
  }

  /** The same with a filter, which lets all of them pass. */
  private MarkedSockets filtered(int recording, Runnable walk) {
    control.putInt(Control.FILTERED, 1);
    set(CpuCounters.DUE_TRANSITIONS, 6);
    set(CpuCounters.DUE_CONNECTIONS, 5);
    return sockets(recording, walk);
  }

  private void count(int listening, int established, int lastAck) {
    census(TcpState.LISTEN, listening);
    census(TcpState.ESTABLISHED, established);
    census(TcpState.LAST_ACK, lastAck);
  }

  /** Of those that are there, how many the filter of each event lets pass. */
  private void due(int transitions, int connections) {
    control.putLong(Control.CENSUS_TRANSITIONS, transitions);
    control.putLong(Control.CENSUS_CONNECTIONS, connections);
  }

  @Test
  void whatIsInTheGaugesAloneHasEnded() throws Exception {
    MarkedSockets sockets = sockets(ALL, () -> count(0, 3, walks == 1 ? 1 : 0));
    assertTrue(sockets.reconcile());
    assertEquals(2, sockets.skippedTransitions());
    assertEquals(1, sockets.skippedConnections(), "a listener is no connection");
    assertEquals(0, gauge(TcpState.LISTEN));
    assertEquals(3, gauge(TcpState.ESTABLISHED));
    assertEquals(1, gauge(TcpState.LAST_ACK));

    sockets.reconcile();
    assertEquals(3, sockets.skippedTransitions(), "each is counted once");
    assertEquals(0, gauge(TcpState.LAST_ACK));
    assertFalse(sockets.reconcile());
    assertEquals(3, sockets.skippedTransitions());
    assertEquals(2, sockets.skippedConnections());
    assertEquals(3, walks);
  }

  /**
   * Two have ended, of which one would have been told as a transition, and none as a connection.
   */
  @Test
  void whatTheFilterLeavesOutIsNotLost() throws Exception {
    MarkedSockets sockets =
        filtered(
            ALL,
            () -> {
              count(1, 2, 1);
              due(5, 5);
            });
    assertTrue(sockets.reconcile());
    assertEquals(1, sockets.skippedTransitions());
    assertEquals(0, sockets.skippedConnections());
    assertEquals(2, gauge(TcpState.ESTABLISHED));
    assertEquals(1, gauge(TcpState.LAST_ACK));
    sockets.reconcile();
    assertEquals(1, sockets.skippedTransitions(), "each is counted once");
  }

  /** Of sockets that are there since there was a filter, and end unseen when there is none. */
  @Test
  void whatEndsWithoutAFilterIsNotLostAgainWhenThereIsOne() throws Exception {
    MarkedSockets sockets =
        filtered(
            ALL,
            () -> {
              count(1, 2, 1);
              due(4, 3);
            });
    control.putInt(Control.FILTERED, 0);
    sockets.reconcile();
    assertEquals(2, sockets.skippedTransitions());
    assertEquals(2, sockets.skippedConnections());
    control.putInt(Control.FILTERED, 1);
    sockets.reconcile();
    assertEquals(2, sockets.skippedTransitions());
    assertEquals(2, sockets.skippedConnections());
  }

  @Test
  void whatNobodyRecordsIsNotLost() throws Exception {
    MarkedSockets sockets = sockets(NOTHING, () -> count(1, 3, 0));
    assertTrue(sockets.reconcile());
    control.putInt(Control.RECORDING, ALL);
    assertFalse(sockets.reconcile());
    assertEquals(0, sockets.skippedTransitions());
    assertEquals(0, sockets.skippedConnections());
    assertEquals(0, gauge(TcpState.LAST_ACK));
  }

  @Test
  void transitionsThatNobodyRecordsAreNotLost() throws Exception {
    MarkedSockets sockets = sockets(CONNECTIONS_ONLY, () -> count(1, 3, 0));
    sockets.reconcile();
    assertEquals(0, sockets.skippedTransitions());
    assertEquals(2, sockets.skippedConnections());
  }

  @Test
  void connectionsThatNobodyRecordsAreNotLost() throws Exception {
    MarkedSockets sockets = sockets(TRANSITIONS_ONLY, () -> count(1, 3, 0));
    sockets.reconcile();
    assertEquals(2, sockets.skippedTransitions());
    assertEquals(0, sockets.skippedConnections());
  }

  @Test
  void whatIsNotInTheGaugesYetIsNoLoss() throws Exception {
    MarkedSockets sockets = sockets(ALL, () -> count(2, 5, 2));
    sockets.reconcile();
    assertEquals(0, sockets.skippedTransitions());
    assertEquals(1, gauge(TcpState.LISTEN));
    assertEquals(3, gauge(TcpState.ESTABLISHED));
  }

  @Test
  void whatIsNotInTheGaugesYetHidesNoLoss() throws Exception {
    MarkedSockets sockets = sockets(ALL, () -> count(2, 2, 2));
    sockets.reconcile();
    assertEquals(1, sockets.skippedTransitions());
    assertEquals(1, sockets.skippedConnections());
    assertEquals(2, gauge(TcpState.ESTABLISHED));
  }

  @Test
  void aTransitionDuringTheWalkMakesItBeDoneAgain() throws Exception {
    MarkedSockets sockets =
        sockets(
            ALL,
            () -> {
              if (walks == 1) { // one ends behind the walk's back
                count(1, 2, 2);
                gauge(TcpState.ESTABLISHED, -1);
                set(CpuCounters.TRANSITIONS, 101);
                set(CpuCounters.SETTLED, 101);
              } else {
                count(1, 2, 2);
              }
            });
    sockets.reconcile();
    assertEquals(2, walks);
    assertEquals(0, sockets.skippedTransitions());
  }

  @Test
  void aTransitionThatTheGaugesDoNotShowYetMakesItBeLeft() throws Exception {
    MarkedSockets sockets = sockets(ALL, () -> count(1, 2, 2));
    set(CpuCounters.TRANSITIONS, 101);
    sockets.reconcile();
    assertEquals(0, sockets.skippedTransitions());
    assertEquals(3, gauge(TcpState.ESTABLISHED));
  }

  private static ByteBuffer piece(long... ids) {
    ByteBuffer piece = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    for (long id : ids) {
      piece.putLong(id);
    }
    return piece.flip();
  }

  /** Reads these lists one after the other; each time a new one is asked for, in the given way. */
  private MarkedSockets lists(int walk, List<List<ByteBuffer>> lists) {
    return new MarkedSockets(
        control,
        counters,
        (Consumer<ByteBuffer> pieces) -> {
          assertEquals(walk, control.getInt(Control.WALK));
          listings.add(control.getInt(Control.LISTING));
          lists.get(listings.size() - 1).forEach(pieces);
        });
  }

  private static List<Long> ids(MarkedSockets sockets) throws Exception {
    List<Long> ids = new ArrayList<>();
    sockets.forEach(ids::add);
    return ids;
  }

  /** The kernel side writes each once in one listing, so what is left out comes the second time. */
  @Test
  void aListInPiecesIsReadUntilItIsComplete() throws Exception {
    MarkedSockets sockets =
        lists(
            1,
            List.of(
                List.of(piece(1, 2), piece(4)),
                List.of(piece(3, 5), piece(6)),
                List.of(piece(7)),
                List.of(piece(1))));
    assertEquals(List.of(1L, 2L, 4L, 3L, 5L, 6L, 7L), ids(sockets));
    assertEquals(List.of(1L), ids(sockets));
    assertEquals(List.of(1, 1, 1, 2), listings);
  }

  @Test
  void aListThatGrowsForEverIsEnded() throws Exception {
    MarkedSockets sockets = lists(1, Collections.nCopies(20, List.of(piece(1), piece(2))));
    assertEquals(16, ids(sockets).size());
  }

  @Test
  void aListInOnePieceIsReadOnce() throws Exception {
    MarkedSockets sockets = lists(1, List.of(List.of(piece(7)), List.of()));
    assertEquals(List.of(7L), ids(sockets));
    assertEquals(List.of(), ids(sockets));
    assertEquals(List.of(1, 2), listings);
  }

  @Test
  void manyAreThoseOfAllStates() {
    MarkedSockets sockets = sockets(ALL, () -> {});
    gauge(TcpState.CLOSE_WAIT, 16_378);
    assertFalse(sockets.areMany());
    gauge(TcpState.LISTEN, 1);
    assertTrue(sockets.areMany());
  }

  @Test
  void aSnapshotIsAListOfAnotherKind() throws Exception {
    ByteBuffer piece = ByteBuffer.allocate(Snapshot.BYTES).order(ByteOrder.nativeOrder());
    piece.putShort(Snapshot.SIZE, (short) Snapshot.BYTES);
    piece.put(Snapshot.VERSION, (byte) Layout.VERSION);
    piece.put(Snapshot.KIND, (byte) Layout.KIND_SNAPSHOT);
    piece.putLong(Snapshot.SOCKET_ID, 9);
    MarkedSockets sockets = lists(2, List.of(List.of(piece, piece), List.of(piece)));
    List<Long> ids = new ArrayList<>();
    sockets
        .snapshot()
        .forEach(
            new SocketSnapshot.Visitor() {
              @Override
              public void socket(SnapshotView socket) {
                ids.add(socket.socketId());
              }

              @Override
              public void timeWait(long socketId, int state) {
                throw new AssertionError();
              }
            });
    assertEquals(List.of(9L, 9L, 9L), ids);
  }

  @Test
  void aSnapshotTellsOfConnectionsHalfOpenThatItDoesNotHold() throws Exception {
    control.putLong(Control.HALF_OPEN, 5); // of the last
    MarkedSockets sockets =
        new MarkedSockets(
            control,
            counters,
            pieces -> {
              if (walks++ == 1) {
                control.putLong(Control.HALF_OPEN, 1);
              }
            });
    assertFalse(sockets.snapshot().halfOpenElsewhere());
    assertTrue(sockets.snapshot().halfOpenElsewhere());
  }
}
