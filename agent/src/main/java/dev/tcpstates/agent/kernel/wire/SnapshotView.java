// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Snapshot;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;

/** A socket as it was when it was listed: {@code struct tcp_snapshot}. */
public final class SnapshotView extends RecordView {
  /** The descriptor of a socket that was found without one. */
  public static final int NO_FD = -1;

  /** {@code enum tcp_snapshot_flag}. */
  public static final int ORPHAN = 1;

  public static final int ADOPTED = 2;
  public static final int OLDER = 4;
  public static final int EXCLUDED = 8;

  public SnapshotView(ByteBuffer memory) {
    super(memory);
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Snapshot.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Snapshot.LISTENER_ID);
  }

  /** The kernel's number of the state; NEW_SYN_RECV for a request sock. */
  public int state() {
    return unsignedByte(Snapshot.STATE);
  }

  /** The kernel's number of the state that the last transition led to; of a request sock, 0. */
  public int markState() {
    return unsignedByte(Snapshot.MARK_STATE);
  }

  /** Whether it was connected or listened at, and has not ended. */
  public boolean isUsed() {
    return markState() != TcpState.CLOSE.kernelValue();
  }

  /** Whether no descriptor refers to it any more. */
  public boolean orphan() {
    return flag(ORPHAN);
  }

  /** Whether it became this JVM's when it was listed first, and not when it was opened. */
  public boolean adopted() {
    return flag(ADOPTED);
  }

  /** Whether it was open before it became this JVM's: what it counts may be from before. */
  public boolean older() {
    return flag(OLDER);
  }

  /** Whether the agent's filter excludes it: a listener may be there for its request socks. */
  public boolean excluded() {
    return flag(EXCLUDED);
  }

  private boolean flag(int flag) {
    return (unsignedByte(Snapshot.FLAGS) & flag) != 0;
  }

  /** Whether its end is to be recorded so, if there is a filter. */
  boolean isDue(RecordType type) {
    return (unsignedByte(Snapshot.DUE) & type.bit) != 0;
  }

  /** A descriptor that refers to it, or {@link #NO_FD}. */
  public int fd() {
    return integer(Snapshot.FD);
  }

  /** When it entered the state, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long since() {
    // The mark may be a step behind, for it is written after the state.
    return markState() == state() || markState() == 0 ? markSince() : 0;
  }

  /** When the last transition was, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long markSince() {
    return number(Snapshot.SINCE_NS);
  }

  /** Bytes of payload sent, without those retransmitted. */
  public long bytesSent() {
    return number(Snapshot.BYTES_SENT);
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return number(Snapshot.BYTES_RECEIVED);
  }

  /** Bytes written and not acknowledged; of a listener, how many may wait for accept. */
  public long sendQueue() {
    return Integer.toUnsignedLong(integer(Snapshot.SEND_QUEUE));
  }

  /** Bytes received and not read; of a listener, how many wait for accept. */
  public long receiveQueue() {
    return Integer.toUnsignedLong(integer(Snapshot.RECEIVE_QUEUE));
  }

  /** Microseconds; 0 if it was never measured. */
  public int smoothedRtt() {
    return integer(Snapshot.SMOOTHED_RTT);
  }

  /** Segments. */
  public int congestionWindow() {
    return integer(Snapshot.CONGESTION_WINDOW);
  }

  /** Of a listener: what it dropped since it was opened. The kernel's number may wrap. */
  public int drops() {
    return integer(Snapshot.DROPS);
  }

  /** Of a listener: how many request socks it has. */
  long halfOpen() {
    return Integer.toUnsignedLong(integer(Snapshot.HALF_OPEN));
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Snapshot.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Snapshot.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Snapshot.LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return unsignedShort(Snapshot.REMOTE_PORT);
  }

  /** Its bytes. */
  ByteBuffer record() {
    return slice(Snapshot.BYTES);
  }
}
