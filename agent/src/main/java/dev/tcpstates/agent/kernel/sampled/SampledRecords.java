// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import dev.tcpstates.agent.kernel.wire.ConnectionView;
import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Connection;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Layout.SampledConnection;
import dev.tcpstates.agent.kernel.wire.Layout.Snapshot;
import dev.tcpstates.agent.kernel.wire.Layout.StateTimes;
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

  private final ByteBuffer snapshot = buffer(Snapshot.BYTES);
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
    to.put(Snapshot.STATE, (byte) state);
    to.put(Snapshot.MARK_STATE, (byte) (state == NEW_SYN_RECV ? 0 : state));
    int flags = socket.isOrphan() ? SnapshotView.ORPHAN : 0;
    flags |= socket.isAdopted() ? SnapshotView.ADOPTED | SnapshotView.OLDER : 0;
    flags |= excluded ? SnapshotView.EXCLUDED : 0;
    to.put(Snapshot.FLAGS, (byte) flags);
    to.putLong(Snapshot.SOCKET_ID, socket.socketId());
    to.putLong(Snapshot.LISTENER_ID, socket.listenerId());
    to.putLong(Snapshot.SINCE_NS, socket.since());
    to.putLong(Snapshot.BYTES_SENT, socket.bytesSent());
    to.putLong(Snapshot.BYTES_RECEIVED, socket.bytesReceived());
    to.putInt(Snapshot.FD, fd);
    to.putInt(Snapshot.SEND_QUEUE, socket.sendQueue());
    to.putInt(Snapshot.RECEIVE_QUEUE, socket.receiveQueue());
    to.putInt(Snapshot.SMOOTHED_RTT, socket.smoothedRtt());
    to.putInt(Snapshot.CONGESTION_WINDOW, socket.congestionWindow());
    to.putInt(Snapshot.DROPS, socket.drops());
    to.putShort(Snapshot.LOCAL_PORT, (short) socket.localPort());
    to.putShort(Snapshot.REMOTE_PORT, (short) socket.remotePort());
    putAddress(to, Snapshot.LOCAL_ADDR, socket.localAddress(0), socket.localAddress(1));
    putAddress(to, Snapshot.REMOTE_ADDR, socket.remoteAddress(0), socket.remoteAddress(1));
    return to;
  }

  /** A socket that is neither connected nor listening. */
  ByteBuffer unused(long socketId, int fd) {
    ByteBuffer to = begin(snapshot, Layout.KIND_SNAPSHOT);
    to.put(Snapshot.STATE, (byte) CLOSE);
    to.put(Snapshot.MARK_STATE, (byte) CLOSE);
    to.putLong(Snapshot.SOCKET_ID, socketId);
    to.putInt(Snapshot.FD, fd);
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
    to.put(Connection.OLD_STATE, (byte) oldState(socket));
    int closer =
        switch (socket.closer()) {
          case LOCAL -> ConnectionView.LOCAL;
          case REMOTE -> ConnectionView.REMOTE;
          case NONE -> ConnectionView.NOBODY;
        };
    to.put(Connection.CLOSER, (byte) closer);
    to.putLong(Connection.SOCKET_ID, socket.socketId());
    to.putLong(Connection.LISTENER_ID, socket.listenerId());
    to.putLong(Connection.OPENED_NS, socket.opened());
    to.putLong(Connection.ESTABLISHED_NS, socket.establishedAt());
    to.putLong(Connection.TIME_NS, time);
    to.putLong(Connection.IN_STATE + StateTimes.ESTABLISHED, socket.timeEstablished());
    to.putLong(Connection.IN_STATE + StateTimes.FIN_WAIT, socket.timeFinWait());
    to.putLong(Connection.IN_STATE + StateTimes.CLOSE_WAIT, socket.timeCloseWait());
    to.putLong(Connection.IN_STATE + StateTimes.LAST_ACK, socket.timeLastAck());
    to.putLong(Connection.BYTES_SENT, socket.bytesSent());
    to.putLong(Connection.BYTES_RECEIVED, socket.bytesReceived());
    to.putLong(Connection.BYTES_RETRANSMITTED, socket.bytesRetransmitted());
    to.putInt(Connection.SEGMENTS_SENT, socket.segmentsSent());
    to.putInt(Connection.SEGMENTS_RECEIVED, socket.segmentsReceived());
    to.putInt(Connection.RETRANSMITS, socket.retransmits());
    to.putInt(Connection.SMOOTHED_RTT, socket.smoothedRtt());
    to.putInt(Connection.MINIMUM_RTT, socket.minimumRtt());
    putAddress(to, Connection.LOCAL_ADDR, socket.localAddress(0), socket.localAddress(1));
    putAddress(to, Connection.REMOTE_ADDR, socket.remoteAddress(0), socket.remoteAddress(1));
    to.putShort(Connection.LOCAL_PORT, (short) socket.localPort());
    to.putShort(Connection.REMOTE_PORT, (short) socket.remotePort());
    to.putShort(Connection.WANTED, (short) wanted);
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
