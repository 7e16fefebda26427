// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.ConnectionView.SampledConnection;
import dev.tcpstates.agent.kernel.wire.ConnectionView.StateTimes;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Layout.TimeWait;
import dev.tcpstates.agent.kernel.wire.RecordType;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes what was sampled as the kernel side writes its records, so that the same code reads both.
 * Each method returns the same buffer again. Not thread-safe.
 */
final class SampledRecords {
  private static final int CLOSE = TcpState.CLOSE.kernelValue();
  private static final int FIN_WAIT2 = TcpState.FIN_WAIT2.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final ByteBuffer snapshot = buffer(SnapshotView.Offsets.BYTES);
  private final ByteBuffer timeWait = buffer(TimeWait.BYTES);
  private final ByteBuffer connection = buffer(SampledConnection.BYTES);

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer begin(ByteBuffer record, int kind) {
    for (int i = 0; i < record.capacity(); i++) {
      record.put(i, (byte) 0);
    }
    record.putShort(Header.SIZE, (short) record.capacity());
    record.put(Header.VERSION, (byte) Layout.VERSION);
    return record.put(Header.KIND, (byte) kind);
  }

  /** A socket that is in use, or a request sock. */
  ByteBuffer snapshot(SampledSocket socket, int fd, boolean excluded) {
    ByteBuffer to = begin(snapshot, Layout.KIND_SNAPSHOT);
    int state = socket.state();
    to.put(SnapshotView.Offsets.STATE, (byte) state);
    to.put(SnapshotView.Offsets.MARK_STATE, (byte) (state == NEW_SYN_RECV ? 0 : state));
    int flags = socket.isOrphan() ? SnapshotView.ORPHAN : 0;
    flags |= socket.isAdopted() ? SnapshotView.ADOPTED | SnapshotView.OLDER : 0;
    flags |= excluded ? SnapshotView.EXCLUDED : 0;
    to.put(SnapshotView.Offsets.FLAGS, (byte) flags);
    to.putLong(SnapshotView.Offsets.SOCKET_ID, socket.socketId());
    to.putLong(SnapshotView.Offsets.LISTENER_ID, socket.listenerId());
    to.putLong(SnapshotView.Offsets.SINCE_NS, socket.since());
    to.putLong(SnapshotView.Offsets.BYTES_SENT, socket.bytesSent());
    to.putLong(SnapshotView.Offsets.BYTES_RECEIVED, socket.bytesReceived());
    to.putLong(SnapshotView.Offsets.BYTES_ACKNOWLEDGED, socket.bytesAcknowledged());
    to.putInt(SnapshotView.Offsets.LAST_SENT, socket.lastSent());
    to.putInt(SnapshotView.Offsets.LAST_RECEIVED, socket.lastReceived());
    to.putInt(SnapshotView.Offsets.LAST_ACK, socket.lastAcknowledgement());
    to.putInt(SnapshotView.Offsets.TIMEOUT, socket.timeout());
    to.putInt(SnapshotView.Offsets.SEGMENTS_SENT, socket.segmentsSent());
    to.putInt(SnapshotView.Offsets.RETRANSMITS, socket.retransmits());
    to.putShort(SnapshotView.Offsets.TIMEOUTS, (short) socket.timeouts());
    to.putShort(SnapshotView.Offsets.BACKOFF, (short) socket.backoff());
    to.putInt(SnapshotView.Offsets.FD, fd);
    to.putInt(SnapshotView.Offsets.SEND_QUEUE, socket.sendQueue());
    to.putInt(SnapshotView.Offsets.RECEIVE_QUEUE, socket.receiveQueue());
    to.putInt(SnapshotView.Offsets.SMOOTHED_RTT, socket.smoothedRtt());
    to.putInt(SnapshotView.Offsets.CONGESTION_WINDOW, socket.congestionWindow());
    to.putInt(SnapshotView.Offsets.DROPS, socket.drops());
    to.putInt(SnapshotView.Offsets.FIRST_RETRANSMIT, SnapshotView.NEVER); // not in the tables
    to.putInt(SnapshotView.Offsets.NEXT_TIMEOUT, SnapshotView.NEVER);
    to.putShort(SnapshotView.Offsets.LOCAL_PORT, (short) socket.localPort());
    to.putShort(SnapshotView.Offsets.REMOTE_PORT, (short) socket.remotePort());
    putAddress(to, SnapshotView.Offsets.LOCAL_ADDR, socket.localAddress(0), socket.localAddress(1));
    putAddress(
        to, SnapshotView.Offsets.REMOTE_ADDR, socket.remoteAddress(0), socket.remoteAddress(1));
    return to;
  }

  /** A socket that is neither connected nor listening. */
  ByteBuffer unused(long socketId, int fd) {
    ByteBuffer to = begin(snapshot, Layout.KIND_SNAPSHOT);
    to.put(SnapshotView.Offsets.STATE, (byte) CLOSE);
    to.put(SnapshotView.Offsets.MARK_STATE, (byte) CLOSE);
    to.putLong(SnapshotView.Offsets.SOCKET_ID, socketId);
    to.putInt(SnapshotView.Offsets.FD, fd);
    return to;
  }

  /** What is left of a closed socket. */
  ByteBuffer timeWait(long socketId, int state) {
    ByteBuffer to = begin(timeWait, Layout.KIND_TIME_WAIT);
    to.putInt(TimeWait.SUBSTATE, state);
    return to.putLong(TimeWait.SOCKET_ID, socketId);
  }

  /**
   * A connection that has ended.
   *
   * @param time when a sample missed it
   * @param wanted what for: bits of {@link RecordType}
   */
  ByteBuffer connection(SampledSocket socket, long time, int wanted) {
    ByteBuffer to = begin(connection, Layout.KIND_CONNECTION);
    to.put(ConnectionView.Offsets.OLD_STATE, (byte) oldState(socket));
    int closer =
        switch (socket.closer()) {
          case LOCAL -> ConnectionView.LOCAL;
          case REMOTE -> ConnectionView.REMOTE;
          case NONE -> ConnectionView.NOBODY;
        };
    to.put(ConnectionView.Offsets.CLOSER, (byte) closer);
    to.putLong(ConnectionView.Offsets.SOCKET_ID, socket.socketId());
    to.putLong(ConnectionView.Offsets.LISTENER_ID, socket.listenerId());
    to.putLong(ConnectionView.Offsets.OPENED_NS, socket.opened());
    to.putLong(ConnectionView.Offsets.ESTABLISHED_NS, socket.establishedAt());
    to.putLong(ConnectionView.Offsets.TIME_NS, time);
    to.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.ESTABLISHED, socket.timeEstablished());
    to.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.FIN_WAIT, socket.timeFinWait());
    to.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.CLOSE_WAIT, socket.timeCloseWait());
    to.putLong(ConnectionView.Offsets.IN_STATE + StateTimes.LAST_ACK, socket.timeLastAck());
    to.putLong(ConnectionView.Offsets.BYTES_SENT, socket.bytesSent());
    to.putLong(ConnectionView.Offsets.BYTES_RECEIVED, socket.bytesReceived());
    to.putLong(ConnectionView.Offsets.BYTES_RETRANSMITTED, socket.bytesRetransmitted());
    to.putInt(ConnectionView.Offsets.SEGMENTS_SENT, socket.segmentsSent());
    to.putInt(ConnectionView.Offsets.SEGMENTS_RECEIVED, socket.segmentsReceived());
    to.putInt(ConnectionView.Offsets.RETRANSMITS, socket.retransmits());
    to.putInt(ConnectionView.Offsets.SMOOTHED_RTT, socket.smoothedRtt());
    to.putInt(ConnectionView.Offsets.MINIMUM_RTT, socket.minimumRtt());
    putAddress(
        to, ConnectionView.Offsets.LOCAL_ADDR, socket.localAddress(0), socket.localAddress(1));
    putAddress(
        to, ConnectionView.Offsets.REMOTE_ADDR, socket.remoteAddress(0), socket.remoteAddress(1));
    to.putShort(ConnectionView.Offsets.LOCAL_PORT, (short) socket.localPort());
    to.putShort(ConnectionView.Offsets.REMOTE_PORT, (short) socket.remotePort());
    to.putShort(ConnectionView.Offsets.WANTED, (short) wanted);
    to.putLong(SampledConnection.UNCERTAINTY_NS, socket.uncertainty());
    to.put(SampledConnection.ESTABLISHED, (byte) (socket.wasEstablished() ? 1 : 0));
    to.put(SampledConnection.FINISHED, (byte) (socket.isFinished() ? 1 : 0));
    return to;
  }

  /** The state that a socket left for CLOSE, as far as is known. */
  static int oldState(SampledSocket socket) {
    return socket.isFinished() ? FIN_WAIT2 : socket.state();
  }

  private static void putAddress(ByteBuffer to, int field, long high, long low) {
    boolean big = to.order() == ByteOrder.BIG_ENDIAN;
    to.putLong(field, big ? high : Long.reverseBytes(high));
    to.putLong(field + Long.BYTES, big ? low : Long.reverseBytes(low));
  }
}
