// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.periodic.Snapshots.SocketNow;
import dev.tcpstates.jfr.TcpState;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long MINUTE = 60_000;

  private final Progress progress = new Progress();
  private final SocketNow socket = new SocketNow();

  /** Milliseconds without an acknowledgement in a new snapshot. */
  private long unacknowledged(long time, long timeInState) {
    progress.begin();
    return TimeUnit.NANOSECONDS.toMillis(
        progress.unacknowledged(
            socket.view(), Snapshots.nanos(timeInState), Snapshots.nanos(time)));
  }

  /** Milliseconds in which nothing was read. */
  private long unread(long time) {
    progress.begin();
    return TimeUnit.NANOSECONDS.toMillis(progress.unread(socket.view(), Snapshots.nanos(time)));
  }

  @Test
  void anIdleConnectionWaitsForNothing() {
    socket.lastSent = socket.lastReceived = socket.lastAck = (int) (10 * MINUTE);
    for (long time = MINUTE; time < 5 * MINUTE; time += MINUTE) {
      assertEquals(0, unacknowledged(time, time));
      assertEquals(0, unread(time));
    }
  }

  @Test
  void aRequestThatWasJustSentAfterALongPause() {
    socket.lastAck = socket.lastReceived = (int) (10 * MINUTE);
    socket.sendQueue = 100;
    assertEquals(0, unacknowledged(MINUTE, 11 * MINUTE));
    // One timeout of 200 ms, 50 ms ago.
    socket.lastSent = 50;
    socket.timeouts = 1;
    socket.backoff = 1;
    socket.timeout = 400;
    assertEquals(250, unacknowledged(MINUTE + 250, 11 * MINUTE));
  }

  @Test
  void retransmitsProveHowLongItWaits() {
    socket.lastAck = (int) MINUTE;
    socket.lastSent = 1_200;
    socket.sendQueue = 100;
    socket.timeouts = 4;
    socket.backoff = 4;
    socket.timeout = 3_200;
    assertEquals(200 + 400 + 800 + 1_600 + 1_200, unacknowledged(MINUTE, 2 * MINUTE));
  }

  @Test
  void anAcknowledgementIsProgress() {
    socket.sendQueue = 100_000;
    for (long time = MINUTE; time < 5 * MINUTE; time += MINUTE) {
      socket.acknowledged++; // as slow as can be
      assertEquals(0, unacknowledged(time, time));
    }
  }

  /** The remote side reads nothing, and acknowledges each probe of its window. */
  @Test
  void acknowledgementsOfNothingNewAreNone() {
    socket.sendQueue = 100_000;
    assertEquals(0, unacknowledged(MINUTE, MINUTE));
    assertEquals(MINUTE, unacknowledged(2 * MINUTE, 2 * MINUTE));
    assertEquals(2 * MINUTE, unacknowledged(3 * MINUTE, 3 * MINUTE));
    socket.sendQueue = 0;
    assertEquals(0, unacknowledged(4 * MINUTE, 4 * MINUTE));
    socket.sendQueue = 10;
    assertEquals(0, unacknowledged(5 * MINUTE, 5 * MINUTE), "written since");
  }

  @Test
  void aFinIsInFlightToo() {
    socket.state = TcpState.FIN_WAIT1;
    socket.lastAck = socket.lastSent = (int) (10 * MINUTE);
    assertEquals(MINUTE, unacknowledged(MINUTE, MINUTE));
    // Acknowledgements go on: much was written before the FIN.
    socket.lastAck = 10;
    socket.sendQueue = 100_000;
    socket.acknowledged++;
    assertEquals(10, unacknowledged(2 * MINUTE, 2 * MINUTE));
  }

  @Test
  void nobodyHasEverRead() {
    socket.received = socket.receiveQueue = 77_000;
    socket.lastReceived = (int) MINUTE;
    assertEquals(MINUTE, unread(5 * MINUTE));
  }

  @Test
  void nobodyReadsAnyMore() {
    socket.received = 100_000;
    socket.receiveQueue = 77_000;
    socket.lastReceived = (int) MINUTE;
    assertEquals(0, unread(MINUTE), "since when is not known");
    assertEquals(MINUTE, unread(2 * MINUTE));
    socket.received = 100_500; // more comes, and is not read
    socket.receiveQueue = 77_500;
    assertEquals(2 * MINUTE, unread(3 * MINUTE));
    socket.receiveQueue = 77_499;
    assertEquals(0, unread(4 * MINUTE));
  }

  @Test
  void agesOfWhatHasNeverBeen() {
    socket.sendQueue = 100;
    socket.lastSent = socket.lastAck = SnapshotView.NEVER;
    assertEquals(0, unacknowledged(MINUTE, MINUTE));
  }
}
