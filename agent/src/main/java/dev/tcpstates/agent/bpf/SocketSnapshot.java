// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Snapshot;
import dev.tcpstates.agent.bpf.Layout.TimeWait;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * This JVM's sockets as the kernel had them at one moment, those without a descriptor too; if its
 * tables were walked for it, also what is left of closed ones, and connections half open.
 * Immutable.
 */
public final class SocketSnapshot {
  /** Is shown what a snapshot holds. */
  public interface Visitor {
    /** A socket; the view is valid during the call only. */
    void socket(SnapshotView socket);

    /**
     * What the kernel keeps of a closed socket, this JVM's or another's.
     *
     * @param socketId the cookie that the socket had
     * @param state the kernel's number of FIN_WAIT2 or TIME_WAIT
     */
    void timeWait(long socketId, int state);
  }

  private static final int LISTEN = TcpState.LISTEN.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final long time;
  private final ByteBuffer records;

  private final boolean halfOpenElsewhere;

  /** Of this JVM, in ascending order. */
  private final long[] listeners;

  private SocketSnapshot(long time, ByteBuffer records, boolean halfOpenElsewhere) {
    this.time = time;
    this.halfOpenElsewhere = halfOpenElsewhere;
    this.records = records;
    LongStream.Builder ids = LongStream.builder();
    visit(
        new Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            if (socket.state() == LISTEN) {
              ids.add(socket.socketId());
            }
          }

          @Override
          public void timeWait(long socketId, int state) {}
        });
    listeners = ids.build().sorted().toArray();
  }

  /** When it was begun, in ns of {@code System.nanoTime()}. */
  public long time() {
    return time;
  }

  /** Whether connections were half open at this JVM's listeners that are not in it. */
  public boolean halfOpenElsewhere() {
    return halfOpenElsewhere;
  }

  /** Goes through all of it. Half open connections at this JVM's listeners come as sockets. */
  public void forEach(Visitor visitor) {
    visit(
        new Visitor() {
          @Override
          public void socket(SnapshotView socket) {
            // The kernel side lists them for every listener of the network namespace.
            boolean own =
                socket.state() != NEW_SYN_RECV
                    || Arrays.binarySearch(listeners, socket.listenerId()) >= 0;
            if (own && !socket.leftOut()) {
              visitor.socket(socket);
            }
          }

          @Override
          public void timeWait(long socketId, int state) {
            visitor.timeWait(socketId, state);
          }
        });
  }

  private void visit(Visitor visitor) {
    SnapshotView view = new SnapshotView(records);
    for (int at = 0; at + TimeWait.BYTES <= records.limit(); ) {
      int size = records.getShort(at + Snapshot.SIZE);
      int kind = records.get(at + Snapshot.KIND);
      if (records.get(at + Snapshot.VERSION) != Layout.VERSION || at + size > records.limit()) {
        return; // not what the kernel side writes
      }
      if (kind == Layout.KIND_SNAPSHOT && size == Snapshot.BYTES) {
        view.moveTo(at);
        visitor.socket(view);
      } else if (kind == Layout.KIND_TIME_WAIT && size == TimeWait.BYTES) {
        visitor.timeWait(
            records.getLong(at + TimeWait.SOCKET_ID), records.getInt(at + TimeWait.SUBSTATE));
      } else {
        return;
      }
      at += size;
    }
  }

  /** Collects the pieces that a snapshot comes in. */
  static final class Builder {
    private final long time = System.nanoTime();
    private byte[] bytes = new byte[1 << 12];
    private int length;

    void add(ByteBuffer piece) {
      int more = piece.limit();
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
      }
      piece.get(0, bytes, length, more);
      length += more;
    }

    SocketSnapshot build(boolean halfOpenElsewhere) {
      return new SocketSnapshot(
          time,
          ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).limit(length),
          halfOpenElsewhere);
    }
  }
}
