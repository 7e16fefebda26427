// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.boot.SocketListener;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.periodic.Snapshots.SocketNow;
import dev.tcpstates.agent.record.OpenerLookup;
import dev.tcpstates.agent.record.SiteDictionary;
import dev.tcpstates.agent.record.TextCache;
import dev.tcpstates.agent.record.Texts;
import dev.tcpstates.agent.record.TimeSpans;
import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.event.StuckSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StuckSocketsTest {
  private static final long STUCK_AFTER = 30_000;
  private static final int LONG = 40_000;

  private final OpenSockets sockets =
      new OpenSockets(1, new StackRule(List.of(), List.of()), fd -> 7, (id, site, fd) -> null);
  private final StuckSockets stuck =
      new StuckSockets(
          Snapshots.nanos(STUCK_AFTER),
          new TextCache(Texts::address),
          new OpenerLookup(sockets, new SiteDictionary()));

  private final List<SocketNow> now = new ArrayList<>();

  private SocketNow socket(TcpState state) {
    SocketNow socket = new SocketNow();
    socket.id = now.size() + 1;
    socket.state = state;
    now.add(socket);
    return socket;
  }

  /** The causes by socket, in a snapshot at a time. */
  private List<String> report(long millis, boolean all) {
    return stuck.report(Snapshots.at(millis, now), all).stream()
        .map(event -> event.socketId + " " + event.cause)
        .toList();
  }

  @Test
  void eachStateHasItsCause() {
    for (TcpState state : TcpState.values()) {
      SocketNow socket = socket(state);
      socket.lastAck = LONG;
    }
    List<String> expected = new ArrayList<>();
    for (StuckSocket event : stuck.report(Snapshots.at(LONG, now), true)) {
      expected.add(event.state + " " + event.cause);
      assertEquals(Snapshots.nanos(LONG - 1), event.stuckFor);
      assertEquals(Snapshots.nanos(LONG - 1), event.timeInState);
    }
    assertEquals(
        List.of(
            "SYN_SENT CONNECTING",
            "SYN_RECV CONNECTING",
            "FIN_WAIT1 UNACKNOWLEDGED",
            "FIN_WAIT2 CLOSING",
            "CLOSE_WAIT NOT_CLOSED",
            "LAST_ACK UNACKNOWLEDGED",
            "CLOSING UNACKNOWLEDGED"),
        expected.stream().filter(text -> !text.startsWith("NEW")).toList());
  }

  @Test
  void establishedAndWithoutProgress() {
    SocketNow unread = socket(TcpState.ESTABLISHED);
    unread.received = unread.receiveQueue = 77_000;
    unread.lastReceived = LONG;
    SocketNow unacknowledged = socket(TcpState.ESTABLISHED);
    unacknowledged.sendQueue = 52;
    unacknowledged.lastAck = unacknowledged.lastSent = LONG;
    SocketNow idle = socket(TcpState.ESTABLISHED);
    idle.lastAck = idle.lastSent = idle.lastReceived = LONG;
    SocketNow young = socket(TcpState.ESTABLISHED);
    young.received = young.receiveQueue = 77_000;
    assertEquals(List.of("1 UNREAD", "2 UNACKNOWLEDGED"), report(LONG, true));
  }

  @Test
  void inTheAcceptQueue() {
    SocketNow waiting = socket(TcpState.ESTABLISHED);
    waiting.fd = SnapshotView.NO_FD;
    waiting.listener = 99;
    SocketNow givenUp = socket(TcpState.CLOSE_WAIT);
    givenUp.fd = SnapshotView.NO_FD;
    givenUp.listener = 99;
    SocketNow accepted = socket(TcpState.ESTABLISHED);
    accepted.listener = 99;
    // Accepted while the snapshot was taken, which has no descriptor of it.
    SocketNow justAccepted = socket(TcpState.ESTABLISHED);
    justAccepted.id = 7;
    justAccepted.fd = SnapshotView.NO_FD;
    justAccepted.listener = 99;
    sockets.opened(7, SocketListener.ACCEPT);
    assertEquals(List.of("1 NOT_ACCEPTED", "2 NOT_ACCEPTED"), report(LONG, true));
  }

  @Test
  void theKernelEndsAnOrphanInFinWait2() {
    SocketNow orphan = socket(TcpState.FIN_WAIT2);
    orphan.flags = SnapshotView.ORPHAN;
    orphan.fd = SnapshotView.NO_FD;
    assertEquals(List.of(), report(LONG, true));
  }

  @Test
  void eachOnceUntilTheChunkEnds() {
    socket(TcpState.CLOSE_WAIT);
    assertEquals(List.of(), report(STUCK_AFTER, false));
    assertEquals(List.of("1 NOT_CLOSED"), report(LONG, false));
    SocketNow later = socket(TcpState.ESTABLISHED);
    later.received = later.receiveQueue = 10;
    later.lastReceived = LONG;
    assertEquals(List.of("2 UNREAD"), report(LONG + 1, false));
    assertEquals(List.of(), report(LONG + 2, false));
    assertEquals(List.of("1 NOT_CLOSED", "2 UNREAD"), report(LONG + 3, true));
    assertEquals(List.of(), report(LONG + 4, false));
    later.receiveQueue = 9; // read
    assertEquals(List.of("1 NOT_CLOSED"), report(LONG + 5, true));
    later.state = TcpState.CLOSE_WAIT;
    assertEquals(List.of("2 NOT_CLOSED"), report(LONG + 6, false));
  }

  @Test
  void onlyWhatIsNotAcknowledgedIsGivenUp() {
    for (TcpState state : List.of(TcpState.FIN_WAIT1, TcpState.CLOSE_WAIT, TcpState.SYN_SENT)) {
      SocketNow socket = socket(state);
      socket.lastAck = LONG;
      socket.nextTimeout = 700;
      socket.userTimeout = 500;
      socket.firstRetransmit = 400;
      socket.timeouts = 1;
    }
    List<Long> givesUpIn = new ArrayList<>();
    stuck.report(Snapshots.at(LONG, now), true).forEach(event -> givesUpIn.add(event.givesUpIn));
    long never = TimeSpans.NOT_AVAILABLE;
    assertEquals(List.of(Snapshots.nanos(700), never, never), givesUpIn);
  }

  @Test
  void agesThatAreUnknown() {
    SocketNow socket = socket(TcpState.CLOSE_WAIT);
    socket.lastSent = SnapshotView.NEVER;
    socket.lastReceived = 1_500;
    StuckSocket event = stuck.report(Snapshots.at(LONG, now), true).get(0);
    assertEquals(TimeSpans.NOT_AVAILABLE, event.lastSent);
    assertEquals(Snapshots.nanos(1_500), event.lastReceived);
  }
}
