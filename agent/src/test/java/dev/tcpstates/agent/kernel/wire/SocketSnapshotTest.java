// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SocketSnapshotTest {
  private final SocketList.Builder open = new SocketList.Builder();
  private final SocketList.Builder builder = new SocketList.Builder();

  private static ByteBuffer socket(long id, TcpState state, long listener) {
    return Records.snapshot(id, state, 0).putLong(SnapshotView.Offsets.LISTENER_ID, listener);
  }

  private List<String> visit() {
    List<String> visited = new ArrayList<>();
    new SocketSnapshot(0, open.build(), builder.build())
        .forEach(
            new SocketSnapshot.Visitor() {
              @Override
              public void socket(SnapshotView socket) {
                visited.add(socket.socketId() + " in " + socket.state());
              }

              @Override
              public void timeWait(long socketId, int state) {
                visited.add(socketId + " was, " + state);
              }
            });
    return visited;
  }

  @Test
  void requestsAtForeignListenersAreLeftOut() {
    builder.add(socket(4, TcpState.NEW_SYN_RECV, 9)); // before its listener
    builder.add(socket(9, TcpState.LISTEN, 0));
    builder.add(socket(3, TcpState.LISTEN, 0));
    builder.add(socket(5, TcpState.NEW_SYN_RECV, 3));
    builder.add(socket(6, TcpState.NEW_SYN_RECV, 7));
    builder.add(socket(7, TcpState.ESTABLISHED, 3));
    builder.add(Records.timeWait(8, TcpState.TIME_WAIT));
    builder.add(Records.timeWait(2, TcpState.FIN_WAIT2));
    assertEquals(
        List.of("4 in 12", "9 in 10", "3 in 10", "5 in 12", "7 in 1", "8 was, 6", "2 was, 5"),
        visit());
  }

  @Test
  void socketsWithADescriptorComeFirst() {
    builder.add(socket(4, TcpState.NEW_SYN_RECV, 9));
    builder.add(socket(5, TcpState.ESTABLISHED, 9));
    open.add(socket(9, TcpState.LISTEN, 0));
    open.add(socket(6, TcpState.CLOSE, 0)); // not used yet
    assertEquals(List.of("9 in 10", "4 in 12", "5 in 1"), visit());
  }

  @Test
  void whatIsExcludedIsNotShown() {
    open.add(
        socket(5, TcpState.ESTABLISHED, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.EXCLUDED));
    builder.add(
        socket(6, TcpState.ESTABLISHED, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.EXCLUDED));
    builder.add(
        socket(7, TcpState.ESTABLISHED, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.ORPHAN));
    assertEquals(List.of("7 in 1"), visit());
  }

  @Test
  void aListenerThatIsLeftOutIsKnown() {
    builder.add(
        socket(9, TcpState.LISTEN, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) SnapshotView.EXCLUDED));
    builder.add(socket(4, TcpState.NEW_SYN_RECV, 9));
    assertEquals(List.of("4 in 12"), visit());
  }

  @Test
  void manyPieces() {
    for (int i = 1; i <= 1_000; i++) {
      builder.add(
          i % 3 == 0
              ? Records.timeWait(i, TcpState.TIME_WAIT)
              : socket(i, TcpState.ESTABLISHED, 0));
    }
    List<String> visited = visit();
    assertEquals(1_000, visited.size());
    assertEquals("999 was, 6", visited.get(998));
    assertEquals("1000 in 1", visited.get(999));
  }

  @Test
  void whatCantBeReadEndsIt() {
    builder.add(socket(1, TcpState.ESTABLISHED, 0));
    builder.add(Records.record(SnapshotView.Offsets.BYTES, 99));
    builder.add(socket(2, TcpState.ESTABLISHED, 0));
    assertEquals(List.of("1 in 1"), visit());
  }

  @Test
  void aRecordOfNoSizeEndsIt() {
    builder.add(Records.timeWait(1, TcpState.TIME_WAIT));
    builder.add(ByteBuffer.allocateDirect(SnapshotView.Offsets.BYTES));
    assertEquals(List.of("1 was, 6"), visit());
  }

  @Test
  void aRecordThatIsCutOffEndsIt() {
    builder.add(socket(1, TcpState.ESTABLISHED, 0));
    builder.add(socket(2, TcpState.ESTABLISHED, 0).limit(SnapshotView.Offsets.BYTES - 8));
    assertEquals(List.of("1 in 1"), visit());
  }

  @Test
  void nothingIsNothing() {
    assertTrue(visit().isEmpty());
  }
}
