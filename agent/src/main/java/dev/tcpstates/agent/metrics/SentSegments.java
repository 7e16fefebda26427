// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.agent.cookies.CookieTable;
import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import java.util.concurrent.TimeUnit;

/**
 * The segments that connections have sent, by the kernel's counters of each socket. A snapshot, or
 * the record of a socket's end, adds by how much a counter has grown since it was read last. So
 * each segment is counted once, and the sums never decrease. Not thread-safe.
 */
final class SentSegments {
  private static final int SENT = 0;
  private static final int RETRANSMITTED = 1;

  /** When it ended or was last listed, in ns of {@code System.nanoTime()}. */
  private static final int TIME = 2;

  /** 1 if it has ended. */
  private static final int ENDED = 3;

  private static final int VALUES = 4;

  /**
   * Where the kernel refuses to list sockets without a descriptor, a closed one is in no snapshot
   * until it ends.
   */
  private static final long UNSEEN_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** A snapshot that was begun before a socket's end may still have it. */
  private static final long ENDED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** If nobody asks for snapshots, ended sockets are forgotten when there are more sockets. */
  private static final int LEAST_SWEPT = 1_000;

  /** The kernel's counters have 32 bits. */
  private static final long WRAP = 1L << Integer.SIZE;

  private CookieTable known = new CookieTable(VALUES);
  private int sweptAbove = LEAST_SWEPT;
  private boolean sampled;
  private long listed;
  private long sent;
  private long retransmitted;

  /**
   * The agent is attached, again perhaps.
   *
   * @param isSampled whether retransmitted segments are counted here
   */
  void attached(boolean isSampled) {
    sampled = isSampled;
  }

  /** The agent is attached, and this socket is open: what an older one has sent is not counted. */
  void adopted(SnapshotView socket) {
    if (socket.older()) {
      int at = known.add(socket.socketId());
      known.set(at, TIME, System.nanoTime());
      known.set(at, SENT, Integer.toUnsignedLong(socket.segmentsSent()));
      known.set(at, RETRANSMITTED, Integer.toUnsignedLong(socket.retransmits()));
    }
  }

  /** A socket of a snapshot. */
  void open(SnapshotView socket) {
    if (known.find(socket.socketId()) < 0 && socket.older()) {
      adopted(socket);
      return;
    }
    int at = known.add(socket.socketId());
    if (known.value(at, ENDED) == 0) {
      known.set(at, TIME, System.nanoTime());
    }
    count(at, socket.segmentsSent(), socket.retransmits());
  }

  /** All sockets of a snapshot have been counted. */
  void listed() {
    listed = System.nanoTime();
    sweep(listed);
  }

  /** A connection has ended. */
  void ended(ConnectionView end) {
    boolean older = end.opened() == 0;
    if (known.find(end.socketId()) < 0 && older) {
      return; // how much of it was before the agent is unknown
    }
    int at = known.add(end.socketId());
    known.set(at, TIME, end.time());
    known.set(at, ENDED, 1);
    count(at, end.segmentsSent(), end.retransmits());
    if (known.size() > sweptAbove) {
      sweep(System.nanoTime());
    }
  }

  private void count(int at, int newSent, int newRetransmitted) {
    sent += advance(SENT, at, newSent);
    long more = advance(RETRANSMITTED, at, newRetransmitted);
    retransmitted += sampled ? more : 0;
  }

  /** Puts the kernel's counter in the place of the last one; returns by how much it is more. */
  private long advance(int index, int at, int counter) {
    long now = Integer.toUnsignedLong(counter);
    long more = now - known.value(at, index);
    if (more < -WRAP / 2) {
      more += WRAP;
    }
    if (more <= 0) {
      return 0; // a snapshot from before the socket's end
    }
    known.set(at, index, now);
    return more;
  }

  private void sweep(long now) {
    CookieTable kept = new CookieTable(VALUES);
    known.forEach(
        at -> {
          long time = known.value(at, TIME);
          boolean ended = known.value(at, ENDED) != 0;
          if (ended ? now - time < ENDED_NANOS : listed - time < UNSEEN_NANOS) {
            int to = kept.add(known.cookie(at));
            for (int value = 0; value < VALUES; value++) {
              kept.set(to, value, known.value(at, value));
            }
          }
        });
    known = kept;
    sweptAbove = Math.max(LEAST_SWEPT, 2 * kept.size());
  }

  /** Segments sent, retransmitted ones included. */
  long sent() {
    return sent;
  }

  /** Segments retransmitted while the sockets were polled. */
  long retransmitted() {
    return retransmitted;
  }
}
