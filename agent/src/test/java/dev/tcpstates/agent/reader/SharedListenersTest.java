// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.FakeSource;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.ResetView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.TransitionView;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SharedListenersTest {
  private static final int LISTENER = 7;
  private static final int CHILD = 8;
  private static final int THIS = 100;
  private static final int OTHER = 200;

  private final List<String> passed = new ArrayList<>();
  private final Set<Long> accepted = new HashSet<>();
  private final FakeSource source = new FakeSource();
  private final SharedListeners shared =
      new SharedListeners(
          new RecordSink() {
            @Override
            public void transition(TransitionView t) {
              passed.add(t.socketId() + " " + TcpState.nameOf(t.newState()));
            }

            @Override
            public void connection(ConnectionView c) {
              passed.add(c.socketId() + " connection of " + c.bytesSent());
            }

            @Override
            public void reset(ResetView reset) {
              passed.add(reset.socketId() + " reset");
            }

            @Override
            public void ended(long socketId, int oldState) {
              passed.add(socketId + " ended");
            }
          },
          THIS,
          socketId -> accepted.contains(socketId) ? 1 : 0);

  private void listenerIsListed(int flags) {
    ByteBuffer record = Records.snapshot(LISTENER, TcpState.LISTEN, 1);
    record.put(SnapshotView.Offsets.FLAGS, (byte) flags);
    Records.forEach(List.of(record), shared::listed);
  }

  private void inheritListener() {
    listenerIsListed(SnapshotView.ADOPTED | SnapshotView.SHARED);
  }

  private void drain(ByteBuffer record) {
    source.submit(record);
    source.drain(shared);
  }

  private void transition(TcpState from, TcpState to, int task, boolean accepted) {
    drain(
        Records.transition(CHILD, from, to, 5)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER)
            .putInt(TransitionView.Offsets.TASK_ID, task)
            .put(TransitionView.Offsets.ACCEPTED, (byte) (accepted ? 1 : 0)));
  }

  private void isEstablished() {
    transition(TcpState.LISTEN, TcpState.SYN_RECV, 0, false);
    transition(TcpState.SYN_RECV, TcpState.ESTABLISHED, 0, false);
  }

  /** Records what was held, with its bytes as they were. */
  private void connectionAndEnd(TcpState from, boolean accepted) {
    drain(
        Records.connection(CHILD, from, 1, 2)
            .putLong(ConnectionView.Offsets.LISTENER_ID, LISTENER)
            .putLong(ConnectionView.Offsets.BYTES_SENT, 42)
            .put(ConnectionView.Offsets.ACCEPTED, (byte) (accepted ? 1 : 0)));
    transition(from, TcpState.CLOSE, 0, accepted);
  }

  private void reset() {
    drain(
        Records.reset(CHILD, TcpState.ESTABLISHED, 1, 3)
            .putLong(ResetView.Offsets.LISTENER_ID, LISTENER));
  }

  private void snapshot(int flags, int fd, boolean chunkEnds) {
    ByteBuffer record = Records.snapshot(CHILD, TcpState.ESTABLISHED, 1);
    record.put(SnapshotView.Offsets.FLAGS, (byte) flags);
    record.putInt(SnapshotView.Offsets.FD, fd);
    record.putLong(SnapshotView.Offsets.LISTENER_ID, LISTENER);
    shared.listed(Records.snapshotOf(1, record), chunkEnds);
  }

  /** Longer than the thread that accepted may wait for a CPU. */
  private void pass() throws InterruptedException {
    shared.read();
    Thread.sleep(1_100);
    shared.read();
  }

  private static final List<String> ESTABLISHED = List.of("8 SYN_RECV", "8 ESTABLISHED");

  private static List<String> established(String... more) {
    List<String> all = new ArrayList<>(ESTABLISHED);
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void ofOneProcessesListenerNothingIsHeld() {
    listenerIsListed(SnapshotView.ADOPTED);
    isEstablished();
    assertEquals(ESTABLISHED, passed);
    listenerIsListed(SnapshotView.SHARED); // this JVM opened it; a thread waits in accept, perhaps
    transition(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, 0, true);
    assertEquals(established("8 CLOSE_WAIT"), passed);
  }

  @Test
  void whatThisJvmAcceptsIsThisJvms() {
    inheritListener();
    isEstablished();
    assertEquals(List.of(), passed);
    assertTrue(shared.hasUndecided());
    accepted.add((long) CHILD);
    shared.read();
    assertEquals(ESTABLISHED, passed);
    assertFalse(shared.hasUndecided());
    transition(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, 0, true);
    assertEquals(established("8 CLOSE_WAIT"), passed);
  }

  @Test
  void theOrderStaysWhenTheAcceptIsReportedLate() {
    inheritListener();
    isEstablished();
    transition(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, 0, true);
    accepted.add((long) CHILD);
    transition(TcpState.CLOSE_WAIT, TcpState.LAST_ACK, THIS, true);
    connectionAndEnd(TcpState.LAST_ACK, false);
    assertEquals(
        established("8 CLOSE_WAIT", "8 LAST_ACK", "8 connection of 42", "8 CLOSE"), passed);
  }

  @Test
  void whatAnotherProcessClosesIsItsOwn() throws Exception {
    inheritListener();
    isEstablished();
    transition(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, OTHER, true);
    transition(TcpState.FIN_WAIT1, TcpState.FIN_WAIT2, 0, false);
    connectionAndEnd(TcpState.FIN_WAIT2, false);
    reset();
    pass();
    assertEquals(List.of(), passed);
    assertFalse(shared.hasUndecided());
  }

  /** It was missed, and reported at the next one: by then, any task may be on the CPU. */
  @Test
  void aMissedTransitionNamesNobody() {
    inheritListener();
    isEstablished();
    drain(
        Records.transition(CHILD, TcpState.ESTABLISHED, TcpState.FIN_WAIT1, 5)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER)
            .putLong(TransitionView.Offsets.UNCERTAINTY_NS, 1)
            .putInt(TransitionView.Offsets.TASK_ID, OTHER)
            .put(TransitionView.Offsets.ACCEPTED, (byte) 1));
    assertTrue(shared.hasUndecided());
    accepted.add((long) CHILD);
    shared.read();
    assertEquals(established("8 FIN_WAIT1"), passed);
  }

  @Test
  void whatNativeCodeOfThisJvmClosesIsThisJvms() throws Exception {
    inheritListener();
    isEstablished();
    transition(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, THIS, true);
    connectionAndEnd(TcpState.FIN_WAIT1, false);
    pass();
    assertEquals(established("8 FIN_WAIT1", "8 connection of 42", "8 CLOSE"), passed);
  }

  @Test
  void whatIsResetIsWhoseAcceptedIt() throws Exception {
    inheritListener();
    isEstablished();
    connectionAndEnd(TcpState.ESTABLISHED, true);
    shared.read();
    assertTrue(shared.hasUndecided(), "this JVM's accept may not have been reported yet");
    pass();
    assertEquals(List.of(), passed);
    assertFalse(shared.hasUndecided());
  }

  @Test
  void whatNobodyAcceptedIsTheListeners() {
    inheritListener();
    isEstablished();
    reset();
    connectionAndEnd(TcpState.ESTABLISHED, false);
    shared.read();
    assertEquals(established("8 reset", "8 connection of 42", "8 CLOSE"), passed);
  }

  @Test
  void whatWaitsInTheQueueIsInTheChunkThatEnds() {
    inheritListener();
    isEstablished();
    snapshot(0, SnapshotView.NO_FD, false);
    assertEquals(List.of(), passed);
    snapshot(0, SnapshotView.NO_FD, true);
    assertEquals(ESTABLISHED, passed);
    snapshot(0, SnapshotView.NO_FD, true);
    assertEquals(ESTABLISHED, passed);
    transition(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, OTHER, true); // accepted meanwhile
    assertEquals(ESTABLISHED, passed);
  }

  @Test
  void aDescriptorOfThisProcessIsProof() {
    inheritListener();
    isEstablished();
    snapshot(SnapshotView.ACCEPTED, 5, false);
    assertEquals(ESTABLISHED, passed);
  }

  @Test
  void openSocketsOfOthersAreForgotten() throws Exception {
    inheritListener();
    isEstablished();
    snapshot(SnapshotView.ACCEPTED, SnapshotView.NO_FD, true);
    assertTrue(shared.hasUndecided(), "this JVM's thread may be about to return from accept");
    Thread.sleep(1_100);
    snapshot(SnapshotView.ACCEPTED, SnapshotView.NO_FD, true);
    assertFalse(shared.hasUndecided());
    transition(TcpState.ESTABLISHED, TcpState.CLOSE_WAIT, 0, true);
    assertEquals(List.of(), passed);
  }

  @Test
  void othersAreNotInSnapshots() {
    inheritListener();
    ByteBuffer record = Records.snapshot(CHILD, TcpState.ESTABLISHED, 1);
    record.putLong(SnapshotView.Offsets.LISTENER_ID, LISTENER);
    record.put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.ACCEPTED);
    Records.forEach(List.of(record), socket -> assertTrue(shared.isAnothers(socket)));
    accepted.add((long) CHILD);
    Records.forEach(List.of(record), socket -> assertFalse(shared.isAnothers(socket)));
    accepted.clear();
    record.put(SnapshotView.Offsets.FLAGS, (byte) 0); // in the queue
    Records.forEach(List.of(record), socket -> assertFalse(shared.isAnothers(socket)));
  }

  /** Of a listener that was passed on, the first that another process closes shows that. */
  @Test
  void aListenerThatThisJvmHasPassedOn() {
    isEstablished();
    transition(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, OTHER, true);
    assertEquals(ESTABLISHED, passed, "up to its accept, it was this JVM's listener's");
    transition(TcpState.FIN_WAIT1, TcpState.CLOSE, 0, false);
    passed.clear();
    drain(
        Records.transition(9, TcpState.LISTEN, TcpState.SYN_RECV, 6)
            .putLong(TransitionView.Offsets.LISTENER_ID, LISTENER));
    assertEquals(List.of(), passed);
  }

  /** A child process may close a socket last that this JVM has accepted. */
  @Test
  void anAcceptedSocketThatIsPassedOnStaysThisJvms() {
    accepted.add((long) CHILD);
    isEstablished();
    transition(TcpState.ESTABLISHED, TcpState.FIN_WAIT1, OTHER, true);
    assertEquals(established("8 FIN_WAIT1"), passed);
  }
}
