// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.bpf.Layout.Control;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
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
  private int walks;

  private void add(int array, TcpState state, long by) {
    int at = array + state.kernelValue() * Long.BYTES;
    control.putLong(at, control.getLong(at) + by);
  }

  private long gauge(TcpState state) {
    return control.getLong(Control.SOCKETS + state.kernelValue() * Long.BYTES);
  }

  /** In the gauges: one listener, three ESTABLISHED, two LAST_ACK. */
  private MarkedSockets sockets(int recording, Runnable walk) {
    control.putInt(Control.RECORDING, recording);
    add(Control.SOCKETS, TcpState.LISTEN, 1);
    add(Control.SOCKETS, TcpState.ESTABLISHED, 3);
    add(Control.SOCKETS, TcpState.LAST_ACK, 2);
    control.putLong(Control.DUE_TRANSITIONS, 6);
    control.putLong(Control.DUE_CONNECTIONS, 5);
    control.putLong(Control.TRANSITIONS, 100);
    control.putLong(Control.SETTLED, 100);
    return new MarkedSockets(
        control,
        pieces -> {
          walks++;
          assertEquals(0, control.getInt(Control.LISTING));
          walk.run();
        });
  }

  private void count(int listening, int established, int lastAck) {
    add(Control.CENSUS, TcpState.LISTEN, listening);
    add(Control.CENSUS, TcpState.ESTABLISHED, established);
    add(Control.CENSUS, TcpState.LAST_ACK, lastAck);
    due(listening + established + lastAck, established + lastAck);
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
        sockets(
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
  void aTransitionDuringTheWalkMakesItBeDoneAgain() throws Exception {
    MarkedSockets sockets =
        sockets(
            ALL,
            () -> {
              if (walks == 1) { // one ends behind the walk's back
                count(1, 2, 2);
                add(Control.SOCKETS, TcpState.ESTABLISHED, -1);
                control.putLong(Control.DUE_TRANSITIONS, 5);
                control.putLong(Control.DUE_CONNECTIONS, 4);
                control.putLong(Control.TRANSITIONS, 101);
                control.putLong(Control.SETTLED, 101);
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
    control.putLong(Control.TRANSITIONS, 101);
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

  @Test
  void aListInPiecesIsReadTwice() throws Exception {
    List<List<ByteBuffer>> lists =
        List.of(List.of(piece(1, 2), piece(4)), List.of(piece(1, 2), piece(3)));
    MarkedSockets sockets =
        new MarkedSockets(
            control,
            (Consumer<ByteBuffer> pieces) -> {
              assertEquals(1, control.getInt(Control.LISTING));
              lists.get(walks++).forEach(pieces);
            });
    List<Long> ids = new ArrayList<>();
    sockets.forEach(ids::add);
    assertEquals(List.of(1L, 2L, 4L, 1L, 2L, 3L), ids);
  }

  @Test
  void aListInOnePieceIsReadOnce() throws Exception {
    MarkedSockets sockets =
        new MarkedSockets(
            control,
            (Consumer<ByteBuffer> pieces) -> {
              walks++;
              pieces.accept(piece(7));
            });
    List<Long> ids = new ArrayList<>();
    sockets.forEach(ids::add);
    assertEquals(List.of(7L), ids);
    assertEquals(1, walks);
  }
}
