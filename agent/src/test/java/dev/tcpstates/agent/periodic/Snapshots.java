// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.periodic;

import dev.tcpstates.agent.kernel.wire.Layout;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.agent.kernel.wire.SnapshotView.Offsets;
import dev.tcpstates.agent.kernel.wire.SocketList;
import dev.tcpstates.agent.kernel.wire.SocketSnapshot;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Makes snapshots of sockets. Times are in milliseconds. */
final class Snapshots {
  private Snapshots() {}

  /** A socket without queues, which was never retransmitted and has a descriptor. */
  static final class SocketNow {
    long id = 1;
    TcpState state = TcpState.ESTABLISHED;
    int flags;
    long listener;
    long since = 1;
    long sent = 1_000;
    long received = 1_000;
    long acknowledged = 1_001;
    int lastSent;
    int lastReceived;
    int lastAck;
    int timeout = 200;
    int timeouts;
    int backoff;
    int fd = 5;
    int sendQueue;
    int receiveQueue;
    int userTimeout;
    int longestTimeout = 120_000;
    int firstRetransmit = SnapshotView.NEVER;
    int nextTimeout = SnapshotView.NEVER;

    private ByteBuffer record() {
      ByteBuffer to = ByteBuffer.allocateDirect(Offsets.BYTES).order(ByteOrder.nativeOrder());
      to.putShort(Header.SIZE, (short) Offsets.BYTES);
      to.put(Header.VERSION, (byte) Layout.VERSION).put(Header.KIND, (byte) Layout.KIND_SNAPSHOT);
      to.put(Offsets.STATE, (byte) state.kernelValue());
      to.put(Offsets.MARK_STATE, (byte) state.kernelValue());
      to.put(Offsets.FLAGS, (byte) flags);
      to.putLong(Offsets.SOCKET_ID, id);
      to.putLong(Offsets.LISTENER_ID, listener);
      to.putLong(Offsets.SINCE_NS, nanos(since));
      to.putLong(Offsets.BYTES_SENT, sent);
      to.putLong(Offsets.BYTES_RECEIVED, received);
      to.putLong(Offsets.BYTES_ACKNOWLEDGED, acknowledged);
      to.putInt(Offsets.LAST_SENT, lastSent).putInt(Offsets.LAST_RECEIVED, lastReceived);
      to.putInt(Offsets.LAST_ACK, lastAck).putInt(Offsets.TIMEOUT, timeout);
      to.putShort(Offsets.TIMEOUTS, (short) timeouts).putShort(Offsets.BACKOFF, (short) backoff);
      to.putInt(Offsets.FD, fd);
      to.putInt(Offsets.SEND_QUEUE, sendQueue).putInt(Offsets.RECEIVE_QUEUE, receiveQueue);
      to.putInt(Offsets.USER_TIMEOUT, userTimeout);
      to.putInt(Offsets.LONGEST_TIMEOUT, longestTimeout);
      to.putInt(Offsets.FIRST_RETRANSMIT, firstRetransmit);
      to.putInt(Offsets.NEXT_TIMEOUT, nextTimeout);
      return to;
    }

    SnapshotView view() {
      return new SnapshotView(record());
    }
  }

  static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  static SocketSnapshot at(long millis, List<SocketNow> sockets) {
    SocketList.Builder open = new SocketList.Builder();
    sockets.forEach(socket -> open.add(socket.record()));
    return new SocketSnapshot(nanos(millis), open.build(), new SocketList.Builder().build());
  }
}
