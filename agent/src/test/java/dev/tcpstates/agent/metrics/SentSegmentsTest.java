// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.Records;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.jfr.TcpState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentSegmentsTest {
  private static final int SOCKET = 5;

  /** More than are kept if nobody asks for a snapshot. */
  private static final int MANY = 5_000;

  private final SentSegments segments = new SentSegments();

  private static SnapshotView listed(int socket, int sent, int retransmitted, boolean older) {
    return new SnapshotView(
        Records.snapshot(socket, TcpState.ESTABLISHED, 0)
            .put(SnapshotView.Offsets.FLAGS, (byte) (older ? SnapshotView.OLDER : 0))
            .putInt(SnapshotView.Offsets.SEGMENTS_SENT, sent)
            .putInt(SnapshotView.Offsets.RETRANSMITS, retransmitted));
  }

  private void open(int socket, int sent) {
    segments.open(listed(socket, sent, 0, false));
  }

  private void end(int socket, int sent, int retransmitted, boolean older) {
    long now = System.nanoTime();
    segments.ended(
        new ConnectionView(
            Records.connection(socket, TcpState.FIN_WAIT2, older ? 0 : now - 1, now)
                .putInt(ConnectionView.Offsets.SEGMENTS_SENT, sent)
                .putInt(ConnectionView.Offsets.RETRANSMITS, retransmitted)));
  }

  private void end(int socket, int sent) {
    end(socket, sent, 0, false);
  }

  @Test
  void anOpenConnectionThatEndsCountsOnce() {
    open(SOCKET, 5);
    segments.listed();
    assertEquals(5, segments.sent());
    open(SOCKET, 9);
    segments.listed();
    assertEquals(9, segments.sent());
    end(SOCKET, 12);
    assertEquals(12, segments.sent());
    segments.listed();
    assertEquals(12, segments.sent());
  }

  @Test
  void aConnectionBetweenTwoSnapshotsCounts() {
    segments.listed();
    end(SOCKET, 7);
    segments.listed();
    assertEquals(7, segments.sent());
  }

  /** The record of an end may be read before the snapshot in which the socket is still open. */
  @Test
  void aSnapshotFromBeforeTheEndAddsNothing() {
    open(SOCKET, 5);
    segments.listed();
    end(SOCKET, 12);
    open(SOCKET, 8);
    segments.listed();
    open(SOCKET, 8);
    segments.listed();
    assertEquals(12, segments.sent());
  }

  @Test
  void aConnectionThatTwoSnapshotsMissCountsOnce() {
    open(SOCKET, 5);
    for (int i = 0; i < 3; i++) {
      segments.listed();
    }
    end(SOCKET, 6);
    assertEquals(6, segments.sent());
  }

  @Test
  void whatWasSentBeforeTheAgentIsNotCounted() {
    segments.adopted(listed(SOCKET, 100, 0, true));
    segments.adopted(listed(SOCKET + 1, 100, 0, true));
    segments.open(listed(SOCKET, 110, 0, true));
    segments.open(listed(SOCKET + 2, 1_000, 0, true)); // handed over by another process
    segments.listed();
    assertEquals(10, segments.sent());
    end(SOCKET, 115, 0, true);
    end(SOCKET + 1, 103, 0, true);
    end(SOCKET + 2, 1_001, 0, true);
    end(SOCKET + 3, 1_000, 0, true); // never seen open
    assertEquals(15 + 3 + 1, segments.sent());
  }

  @Test
  void whatWasSentWhileDetachedIsNotCounted() {
    open(SOCKET, 10);
    segments.listed();
    segments.attached(false);
    segments.adopted(listed(SOCKET, 30, 0, true));
    assertEquals(10, segments.sent());
    segments.open(listed(SOCKET, 35, 0, true));
    segments.listed();
    end(SOCKET, 36, 0, true);
    assertEquals(16, segments.sent());
  }

  /** A node program may keep its owner mark, so that it is not older than the agent. */
  @Test
  void aConnectionThatKeepsItsMarkCountsOnceOverDetachAndAttach() {
    open(SOCKET, 10);
    segments.listed();
    segments.attached(false);
    segments.adopted(listed(SOCKET, 30, 0, false));
    open(SOCKET, 35);
    segments.listed();
    end(SOCKET, 36);
    assertEquals(36, segments.sent());
  }

  @Test
  void theKernelsCounterMayWrap() {
    open(SOCKET, -16);
    segments.listed();
    assertEquals(4_294_967_280L, segments.sent());
    open(SOCKET, 4);
    segments.listed();
    end(SOCKET, 5);
    assertEquals(4_294_967_280L + 21, segments.sent());
  }

  @Test
  void manyEndsWithoutASnapshotForgetNoOpenConnection() {
    open(SOCKET, 5);
    segments.listed();
    for (int i = 1; i <= MANY; i++) {
      end(SOCKET + i, 3);
    }
    assertEquals(5 + 3 * MANY, segments.sent());
    end(SOCKET, 6);
    assertEquals(6 + 3 * MANY, segments.sent());
  }

  /** Else each of them has a record. */
  @Test
  void retransmittedSegmentsCountWhilePolled() {
    segments.attached(false);
    segments.open(listed(SOCKET, 10, 2, false));
    segments.listed();
    assertEquals(0, segments.retransmitted());
    segments.attached(true);
    segments.adopted(listed(SOCKET, 12, 3, true));
    segments.open(listed(SOCKET, 20, 7, true));
    segments.listed();
    assertEquals(4, segments.retransmitted());
    end(SOCKET, 21, 8, true);
    end(SOCKET + 1, 2, 1, false);
    assertEquals(6, segments.retransmitted());
  }

  /** Any order of sends, snapshots, late snapshots and ends: never less, and right in the end. */
  @Test
  void neverDecreasesAndEndsRight() {
    Random random = new Random(7);
    List<Integer> sent = new ArrayList<>();
    int firstOpen = 0;
    long all = 0;
    long before = 0;
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(6)) {
        case 0 -> sent.add(0);
        case 1 -> {
          if (firstOpen < sent.size()) {
            end(SOCKET + firstOpen, sent.get(firstOpen));
            firstOpen++;
          }
        }
        case 2 -> {
          // The record of an end is read between the listing and its use.
          int listedFrom = firstOpen;
          List<Integer> then = List.copyOf(sent);
          if (firstOpen < sent.size()) {
            end(SOCKET + firstOpen, sent.get(firstOpen));
            firstOpen++;
          }
          for (int i = listedFrom; i < then.size(); i++) {
            open(SOCKET + i, then.get(i));
          }
          segments.listed();
        }
        default -> {
          if (firstOpen < sent.size()) {
            int which = firstOpen + random.nextInt(sent.size() - firstOpen);
            int more = random.nextInt(9);
            sent.set(which, sent.get(which) + more);
            all += more;
          }
        }
      }
      assertEquals(Math.max(before, segments.sent()), segments.sent());
      before = segments.sent();
    }
    for (; firstOpen < sent.size(); firstOpen++) {
      end(SOCKET + firstOpen, sent.get(firstOpen));
    }
    assertEquals(all, segments.sent());
  }
}
