// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.Listing;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Control;
import dev.tcpstates.agent.kernel.wire.Layout.CpuCounters;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What is concluded from the gauges and the kernel's lists, where a kernel does what it is asked.
 */
class OwnedSocketsTest {
  private static final int ALL = 3;
  private static final int TRANSITIONS_ONLY = 1;
  private static final int CONNECTIONS_ONLY = 2;
  private static final int NOTHING = 0;

  private final ByteBuffer control = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(2 * CpuCounters.BYTES).order(ByteOrder.nativeOrder());
  private final Counters counters = new Counters(memory);

  /** What the kernel has. */
  private final List<ByteBuffer> withDescriptor = new ArrayList<>();

  private final List<ByteBuffer> inTable = new ArrayList<>();
  private final List<Integer> listings = new ArrayList<>();
  private int walks;
  private long now;
  private Runnable walking = () -> {};

  private final Listing descriptors =
      pieces -> {
        listings.add(control.getInt(Control.LISTING));
        withDescriptor.forEach(piece -> pieces.accept(piece.duplicate()));
      };

  private final Listing table =
      pieces -> {
        walks++;
        assertEquals(listings.get(listings.size() - 1), control.getInt(Control.LISTING));
        walking.run();
        for (ByteBuffer piece : inTable) {
          boolean timeWait = piece.get(Header.KIND) == Layout.KIND_TIME_WAIT;
          if (!timeWait || control.getInt(Control.TIME_WAIT) != 0) {
            pieces.accept(piece.duplicate());
          }
        }
      };

  private final OwnedSockets sockets =
      new OwnedSockets(new ControlMap(control), counters, descriptors, table, () -> now, 0);

  private static ByteBuffer socket(long id, TcpState state) {
    return Records.snapshot(id, state, 0);
  }

  private static ByteBuffer due(int types, ByteBuffer socket) {
    return socket.put(SnapshotView.Offsets.DUE, (byte) types);
  }

  private static ByteBuffer timeWait(long id) {
    return Records.timeWait(id, TcpState.TIME_WAIT);
  }

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

  /**
   * In the gauges: a listener, three ESTABLISHED, two LAST_ACK. The kernel has but one of these.
   */
  private void oneHasEndedUnseen(int recording) {
    control.putInt(Control.RECORDING, recording);
    gauge(TcpState.LISTEN, 1);
    gauge(TcpState.ESTABLISHED, 3);
    gauge(TcpState.LAST_ACK, 2);
    set(CpuCounters.TRANSITIONS, 100);
    set(CpuCounters.SETTLED, 100);
    withDescriptor.add(due(ALL, socket(1, TcpState.LISTEN)));
    withDescriptor.add(due(ALL, socket(2, TcpState.ESTABLISHED)));
    withDescriptor.add(due(ALL, socket(3, TcpState.ESTABLISHED)));
    inTable.add(due(ALL, socket(4, TcpState.ESTABLISHED)));
    inTable.add(due(ALL, socket(5, TcpState.LAST_ACK)));
  }

  private void assertSkipped(int transitions, int connections) {
    assertEquals(transitions, sockets.skippedTransitions());
    assertEquals(connections, sockets.skippedConnections());
  }

  @Test
  void whatIsInTheGaugesAloneHasEnded() throws Exception {
    oneHasEndedUnseen(ALL);
    assertTrue(sockets.reconcile());
    assertSkipped(1, 1);
    assertEquals(1, gauge(TcpState.LAST_ACK));
    assertEquals(3, gauge(TcpState.ESTABLISHED));
    withDescriptor.remove(0);
    assertTrue(sockets.reconcile());
    assertSkipped(2, 1); // a listener is no connection
    assertEquals(0, gauge(TcpState.LISTEN));
    assertFalse(sockets.reconcile());
    assertSkipped(2, 1);
  }

  @Test
  void theTableIsNotWalkedWhereDescriptorsExplainTheGauges() throws Exception {
    oneHasEndedUnseen(ALL);
    gauge(TcpState.LAST_ACK, -2);
    gauge(TcpState.ESTABLISHED, -1);
    assertFalse(sockets.reconcile());
    assertEquals(Set.of(1L, 2L, 3L), ids(sockets.snapshot()));
    assertTrue(sockets.forEachId(id -> {}, true));
    assertEquals(0, walks);
    gauge(TcpState.ESTABLISHED, 1);
    assertEquals(Set.of(1L, 2L, 3L, 4L, 5L), ids(sockets.snapshot()));
    assertEquals(1, walks);
  }

  @Test
  void theTableIsWalkedForRequestSocks() throws Exception {
    ByteBuffer listener = socket(1, TcpState.LISTEN).putInt(SnapshotView.Offsets.HALF_OPEN, 1);
    withDescriptor.add(listener);
    inTable.add(
        socket(9, TcpState.NEW_SYN_RECV)
            .put(SnapshotView.Offsets.MARK_STATE, (byte) 0)
            .putLong(SnapshotView.Offsets.LISTENER_ID, 1));
    assertEquals(Set.of(1L, 9L), ids(sockets.snapshot()));
    assertEquals(Set.of(1L, 9L), ids(sockets.snapshot()), "at once, from the same walk");
    listener.putInt(SnapshotView.Offsets.HALF_OPEN, 0);
    assertEquals(Set.of(1L), ids(sockets.snapshot()));
    assertEquals(1, walks);
  }

  /** One has ended, which the filter includes for transitions alone. */
  @Test
  void whatTheFilterExcludesIsNotLost() throws Exception {
    oneHasEndedUnseen(ALL);
    control.putInt(Control.FILTERED, 1);
    set(CpuCounters.DUE_TRANSITIONS, 6);
    set(CpuCounters.DUE_CONNECTIONS, 5);
    assertTrue(sockets.reconcile());
    assertSkipped(1, 0);
    assertEquals(1, gauge(TcpState.LAST_ACK));
    sockets.reconcile();
    assertSkipped(1, 0);
  }

  /** Of sockets that are there since there was a filter, and end unseen when there is none. */
  @Test
  void whatEndsWithoutAFilterIsNotLostAgainWhenThereIsOne() throws Exception {
    oneHasEndedUnseen(ALL);
    set(CpuCounters.DUE_TRANSITIONS, 6);
    set(CpuCounters.DUE_CONNECTIONS, 6);
    sockets.reconcile();
    assertSkipped(1, 1);
    control.putInt(Control.FILTERED, 1);
    sockets.reconcile();
    assertSkipped(1, 1);
  }

  @Test
  void whatNobodyRecordsIsNotLost() throws Exception {
    oneHasEndedUnseen(NOTHING);
    assertTrue(sockets.reconcile());
    control.putInt(Control.RECORDING, ALL);
    assertFalse(sockets.reconcile());
    assertSkipped(0, 0);
    assertEquals(1, gauge(TcpState.LAST_ACK));
  }

  @Test
  void transitionsThatNobodyRecordsAreNotLost() throws Exception {
    oneHasEndedUnseen(CONNECTIONS_ONLY);
    sockets.reconcile();
    assertSkipped(0, 1);
  }

  @Test
  void connectionsThatNobodyRecordsAreNotLost() throws Exception {
    oneHasEndedUnseen(TRANSITIONS_ONLY);
    sockets.reconcile();
    assertSkipped(1, 0);
  }

  @Test
  void whatIsNotInTheGaugesYetIsNoLossAndHidesNone() throws Exception {
    oneHasEndedUnseen(ALL);
    withDescriptor.add(socket(6, TcpState.ESTABLISHED));
    inTable.add(socket(7, TcpState.CLOSE_WAIT));
    sockets.reconcile();
    assertSkipped(1, 1);
    assertEquals(3, gauge(TcpState.ESTABLISHED));
    assertEquals(0, gauge(TcpState.CLOSE_WAIT));
  }

  @Test
  void aTransitionDuringTheWalkMakesItBeDoneAgain() throws Exception {
    oneHasEndedUnseen(ALL);
    walking =
        () -> {
          if (walks == 1) { // it ends behind the walk's back
            gauge(TcpState.LAST_ACK, -1);
            set(CpuCounters.TRANSITIONS, 101);
            set(CpuCounters.SETTLED, 101);
          }
        };
    sockets.reconcile();
    assertEquals(2, walks);
    assertSkipped(0, 0);
  }

  @Test
  void manyTransitionsDuringTheWalkMakeItBeLeft() throws Exception {
    oneHasEndedUnseen(ALL);
    walking =
        () -> {
          set(CpuCounters.TRANSITIONS, 100 + 5 * walks);
          set(CpuCounters.SETTLED, 100 + 5 * walks);
        };
    assertFalse(sockets.reconcile());
    assertEquals(1, walks);
    walking = () -> {};
    assertTrue(sockets.reconcile());
  }

  @Test
  void aTransitionThatTheGaugesDoNotShowYetMakesItBeLeft() throws Exception {
    oneHasEndedUnseen(ALL);
    set(CpuCounters.TRANSITIONS, 101);
    assertFalse(sockets.reconcile());
    assertSkipped(0, 0);
    assertEquals(2, gauge(TcpState.LAST_ACK));
  }

  /** The table does not have them, so nothing can be concluded from it. */
  @Test
  void socketsInOtherNetworkNamespacesAreNoLoss() throws Exception {
    oneHasEndedUnseen(ALL);
    set(CpuCounters.OTHER_NETNS, 1);
    assertFalse(sockets.reconcile());
    assertFalse(sockets.forEachId(id -> {}, true));
    assertSkipped(0, 0);
  }

  @Test
  void aListingHasANumberOfItsOwn() throws Exception {
    sockets.snapshot();
    sockets.withTimeWait();
    sockets.forEachId(id -> {}, true);
    assertEquals(List.of(1, 2, 3), listings);
  }

  @Test
  void timeWaitIsListedOnlyWhereItIsAskedFor() throws Exception {
    oneHasEndedUnseen(ALL);
    inTable.add(timeWait(8));
    assertEquals(Set.of(1L, 2L, 3L, 4L, 5L), ids(sockets.snapshot()));
    assertEquals(Set.of(-8L, 1L, 2L, 3L, 4L, 5L), ids(sockets.withTimeWait()));
  }

  /** A walk of 10 ms: for the next 0.8 s, those without a descriptor are the last ones. */
  @Test
  void aTableThatTakesLongIsNotWalkedAgainAtOnce() throws Exception {
    oneHasEndedUnseen(ALL);
    inTable.add(timeWait(8));
    walking = () -> now += 10_000_000;
    sockets.withTimeWait();
    inTable.clear();
    assertEquals(Set.of(1L, 2L, 3L, 4L, 5L), ids(sockets.snapshot()));
    withDescriptor.add(socket(4, TcpState.ESTABLISHED)); // accepted since
    assertEquals(6 - 1, ids(sockets.snapshot()).size(), "none is listed twice");
    assertFalse(sockets.reconcile());
    assertFalse(sockets.forEachId(id -> {}, false));
    assertEquals(1, walks);

    sockets.ending();
    assertTrue(sockets.reconcile());
    assertSkipped(2, 2);
    assertEquals(2, walks);
  }

  @Test
  void aThoroughListIsWorthAnyWalk() throws Exception {
    oneHasEndedUnseen(ALL);
    walking = () -> now += 10_000_000;
    sockets.withTimeWait();
    assertTrue(sockets.forEachId(id -> {}, true));
    assertEquals(2, walks);
  }

  @Test
  void withoutTheTableThereAreThoseWithADescriptor() throws Exception {
    oneHasEndedUnseen(ALL);
    OwnedSockets without =
        new OwnedSockets(new ControlMap(control), counters, descriptors, null, () -> now, 0);
    assertEquals(Set.of(1L, 2L, 3L), ids(without.snapshot()));
    assertFalse(without.reconcile());
    assertFalse(without.forEachId(id -> {}, true));
    assertEquals(null, without.withTimeWait());
  }

  @Test
  void withoutDescriptorsTheTableHasAll() throws Exception {
    control.putInt(Control.RECORDING, ALL);
    gauge(TcpState.LAST_ACK, 2);
    inTable.add(socket(5, TcpState.LAST_ACK));
    Listing all =
        pieces -> {
          walks++;
          inTable.forEach(piece -> pieces.accept(piece.duplicate()));
        };
    OwnedSockets without =
        new OwnedSockets(new ControlMap(control), counters, null, all, () -> now, 0);
    assertEquals(Set.of(5L), ids(without.snapshot()));
    Set<Long> open = new TreeSet<>();
    without.forEachOpen(socket -> open.add(socket.socketId()));
    assertEquals(Set.of(5L), open);
    assertTrue(without.forEachId(id -> assertEquals(5, id), true));
    assertTrue(without.reconcile());
    assertEquals(1, without.skippedTransitions());
  }

  @Test
  void aFailureIsKnownUntilItIsOver() throws Exception {
    boolean[] fails = {true};
    Listing failing =
        (Consumer<ByteBuffer> pieces) -> {
          if (fails[0]) {
            throw new CallFailed("reading BPF iterator open_sockets", 12, "");
          }
        };
    OwnedSockets failed =
        new OwnedSockets(new ControlMap(control), counters, failing, null, () -> now, 0);
    assertThrows(CallFailed.class, failed::snapshot);
    assertEquals(
        Map.of(Extra.DESCRIPTORS, "reading BPF iterator open_sockets: ENOMEM"), failed.failures());
    fails[0] = false;
    failed.snapshot();
    assertEquals(Map.of(), failed.failures());
  }

  /** What is in TIME_WAIT as a negative number. */
  private static Set<Long> ids(SocketSnapshot snapshot) {
    Set<Long> ids = new TreeSet<>();
    snapshot.forEach(
        new SocketSnapshot.Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            assertTrue(ids.add(socket.socketId()), "listed twice");
          }

          @Override
          public void timeWait(long socketId, int state) {
            ids.add(-socketId);
          }
        });
    return ids;
  }
}
