// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.End;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Layout.TimeWait;
import dev.tcpstates.jfr.TcpState;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes records as the kernel side does, at the places of the layout. A field that a method does
 * not set is 0; a test puts it into the buffer that is returned.
 */
public final class Records {
  private Records() {}

  /** A record with its header. */
  static ByteBuffer record(int bytes, int kind) {
    return ByteBuffer.allocate(bytes)
        .order(ByteOrder.nativeOrder())
        .putShort(Header.SIZE, (short) bytes)
        .put(Header.VERSION, (byte) Layout.VERSION)
        .put(Header.KIND, (byte) kind);
  }

  /** A transition of a socket at a time in ns of {@code System.nanoTime()}. */
  public static ByteBuffer transition(
      long socketId, TcpState oldState, TcpState newState, long time) {
    return record(TransitionView.Offsets.BYTES, Layout.KIND_TRANSITION)
        .putLong(TransitionView.Offsets.SOCKET_ID, socketId)
        .put(TransitionView.Offsets.OLD_STATE, (byte) oldState.kernelValue())
        .put(TransitionView.Offsets.NEW_STATE, (byte) newState.kernelValue())
        .putLong(TransitionView.Offsets.TIME_NS, time);
  }

  /** A connection from its first transition to its last, wanted as a {@code Connection} event. */
  public static ByteBuffer connection(long socketId, TcpState oldState, long opened, long time) {
    return record(ConnectionView.Offsets.BYTES, Layout.KIND_CONNECTION)
        .putLong(ConnectionView.Offsets.SOCKET_ID, socketId)
        .put(ConnectionView.Offsets.OLD_STATE, (byte) oldState.kernelValue())
        .putLong(ConnectionView.Offsets.OPENED_NS, opened)
        .putLong(ConnectionView.Offsets.TIME_NS, time)
        .putShort(ConnectionView.Offsets.WANTED, (short) RecordType.CONNECTIONS.bit);
  }

  public static ByteBuffer retransmit(long socketId, TcpState state, int segment, long time) {
    return record(RetransmitView.Offsets.BYTES, Layout.KIND_RETRANSMIT)
        .putLong(RetransmitView.Offsets.SOCKET_ID, socketId)
        .put(RetransmitView.Offsets.STATE, (byte) state.kernelValue())
        .put(RetransmitView.Offsets.SEGMENT, (byte) segment)
        .putLong(RetransmitView.Offsets.TIME_NS, time);
  }

  public static ByteBuffer reset(long socketId, TcpState state, int direction, long time) {
    return record(ResetView.Offsets.BYTES, Layout.KIND_RESET)
        .putLong(ResetView.Offsets.SOCKET_ID, socketId)
        .put(ResetView.Offsets.STATE, (byte) state.kernelValue())
        .put(ResetView.Offsets.DIRECTION, (byte) direction)
        .putLong(ResetView.Offsets.TIME_NS, time);
  }

  public static ByteBuffer end(long socketId, TcpState oldState) {
    return record(End.BYTES, Layout.KIND_END)
        .putLong(End.SOCKET_ID, socketId)
        .putInt(End.OLD_STATE, oldState.kernelValue());
  }

  /**
   * A socket that has been in its state since a time; 0: unknown. A request sock has no mark, so no
   * time either.
   */
  public static ByteBuffer snapshot(long socketId, TcpState state, long since) {
    int markState = state == TcpState.NEW_SYN_RECV ? 0 : state.kernelValue();
    return record(SnapshotView.Offsets.BYTES, Layout.KIND_SNAPSHOT)
        .putLong(SnapshotView.Offsets.SOCKET_ID, socketId)
        .put(SnapshotView.Offsets.STATE, (byte) state.kernelValue())
        .put(SnapshotView.Offsets.MARK_STATE, (byte) markState)
        .putLong(SnapshotView.Offsets.SINCE_NS, since)
        .putInt(SnapshotView.Offsets.FD, SnapshotView.NO_FD);
  }

  public static ByteBuffer timeWait(long socketId, TcpState state) {
    return record(TimeWait.BYTES, Layout.KIND_TIME_WAIT)
        .putLong(TimeWait.SOCKET_ID, socketId)
        .putInt(TimeWait.SUBSTATE, state.kernelValue());
  }

  /** Puts an IP address where a record has one. */
  public static ByteBuffer address(ByteBuffer record, int at, String literal) {
    try {
      byte[] bytes = InetAddress.getByName(literal).getAddress();
      if (bytes.length == 4) {
        record.put(at + 10, (byte) 0xff).put(at + 11, (byte) 0xff).put(at + 12, bytes);
      } else {
        record.put(at, bytes);
      }
      return record;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** What one walk over the kernel's sockets has found. */
  public static SocketSnapshot snapshotOf(long time, ByteBuffer... records) {
    return new SocketSnapshot(time, SocketList.NONE, list(List.of(records)));
  }

  /** Goes through sockets as a listing does. */
  public static void forEach(List<ByteBuffer> sockets, Consumer<SnapshotView> visitor) {
    list(sockets).forEach(visitor);
  }

  private static SocketList list(List<ByteBuffer> records) {
    SocketList.Builder list = new SocketList.Builder();
    records.forEach(list::add);
    return list.build();
  }
}
