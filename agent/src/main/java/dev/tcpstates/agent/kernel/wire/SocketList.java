// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Layout.TimeWait;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What an iterator has written: records of sockets, and of what is in TIME_WAIT. Immutable. */
public final class SocketList {
  public static final SocketList NONE = new Builder().build();

  private static final int CLOSE = TcpState.CLOSE.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  /** Is shown what is in TIME_WAIT. */
  interface TimeWaitVisitor {
    void timeWait(long socketId, int state);
  }

  private final ByteBuffer records;
  private final long clockOffset;

  private SocketList(ByteBuffer records, long clockOffset) {
    this.records = records;
    this.clockOffset = clockOffset;
  }

  /** Goes through the sockets and request socks; the view is valid during the call only. */
  public void forEach(Consumer<SnapshotView> sockets) {
    forEach(sockets, (socketId, state) -> {});
  }

  public void forEach(Consumer<SnapshotView> sockets, TimeWaitVisitor timeWaits) {
    SnapshotView view = new SnapshotView(records, clockOffset);
    for (int at = 0; at + TimeWait.BYTES <= records.limit(); ) {
      int size = records.getShort(at + Header.SIZE);
      int kind = records.get(at + Header.KIND);
      if (records.get(at + Header.VERSION) != Layout.VERSION || at + size > records.limit()) {
        return; // not what the kernel side writes
      }
      if (kind == Layout.KIND_SNAPSHOT && size == SnapshotView.Offsets.BYTES) {
        view.moveTo(at);
        sockets.accept(view);
      } else if (kind == Layout.KIND_TIME_WAIT && size == TimeWait.BYTES) {
        timeWaits.timeWait(
            records.getLong(at + TimeWait.SOCKET_ID), records.getInt(at + TimeWait.SUBSTATE));
      } else {
        return;
      }
      at += size;
    }
  }

  /** How many owned sockets there are, as the programs have seen them. */
  public Census census() {
    Census census = new Census();
    forEach(census::add);
    return census;
  }

  /** The same sockets and request socks. */
  public SocketList withoutTimeWait() {
    return filtered(socket -> true);
  }

  /** Those that another list does not have. */
  public SocketList without(SocketList other) {
    Set<Long> ids = new HashSet<>();
    other.forEach(socket -> ids.add(socket.socketId()));
    return filtered(socket -> !ids.contains(socket.socketId()));
  }

  private SocketList filtered(Predicate<SnapshotView> kept) {
    Builder builder = new Builder(clockOffset);
    forEach(
        socket -> {
          if (kept.test(socket)) {
            builder.add(socket.record());
          }
        });
    return builder.build();
  }

  /** Numbers of owned sockets. Not thread-safe. */
  public static final class Census {
    private final long[] inState = new long[1 << 8];
    private long dueTransitions;
    private long dueConnections;
    private long halfOpen;

    private void add(SnapshotView socket) {
      if (socket.state() == NEW_SYN_RECV || socket.markState() == CLOSE) {
        return;
      }
      inState[socket.markState()]++;
      dueTransitions += socket.isDue(RecordType.TRANSITIONS) ? 1 : 0;
      dueConnections += socket.isDue(RecordType.CONNECTIONS) ? 1 : 0;
      halfOpen += socket.halfOpen();
    }

    public void add(Census other) {
      Arrays.setAll(inState, state -> inState[state] + other.inState[state]);
      dueTransitions += other.dueTransitions;
      dueConnections += other.dueConnections;
      halfOpen += other.halfOpen;
    }

    /** How many have a state, the last that the programs saw. */
    public long inState(int state) {
      return inState[state];
    }

    /** Of how many the end is to be recorded as a transition, by the filter. */
    public long dueTransitions() {
      return dueTransitions;
    }

    /** Of how many the end is to be recorded as a connection, by the filter. */
    public long dueConnections() {
      return dueConnections;
    }

    /** How many request socks the listeners have. */
    public long halfOpen() {
      return halfOpen;
    }
  }

  /** Collects the pieces that a list comes in. */
  public static final class Builder {
    private final long clockOffset;
    private byte[] bytes = new byte[1 << 10];
    private int length;

    /** For records whose times are of {@code System.nanoTime()}. */
    public Builder() {
      this(0);
    }

    /**
     * @param clockOffset what {@code System.nanoTime()} is ahead of the clock of the records, in ns
     */
    public Builder(long clockOffset) {
      this.clockOffset = clockOffset;
    }

    public void add(ByteBuffer piece) {
      int more = piece.limit();
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
      }
      piece.get(0, bytes, length, more);
      length += more;
    }

    public SocketList build() {
      return new SocketList(
          ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).limit(length), clockOffset);
    }
  }
}
