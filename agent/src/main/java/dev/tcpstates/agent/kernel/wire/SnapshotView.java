// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;

/** A socket as it was when it was listed: {@code struct tcp_snapshot}. */
public final class SnapshotView extends RecordView {
  /** Where the fields lie in {@code struct tcp_snapshot}. */
  public static final class Offsets {
    public static final int HEADER = 0;
    public static final int STATE = 4;
    public static final int MARK_STATE = 5;
    public static final int FLAGS = 6;
    public static final int DUE = 7;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int SINCE_NS = 24;
    public static final int BYTES_SENT = 32;
    public static final int BYTES_RECEIVED = 40;
    public static final int FD = 48;
    public static final int SEND_QUEUE = 52;
    public static final int RECEIVE_QUEUE = 56;
    public static final int SMOOTHED_RTT = 60;
    public static final int CONGESTION_WINDOW = 64;
    public static final int DROPS = 68;
    public static final int HALF_OPEN = 72;
    public static final int LOCAL_PORT = 76;
    public static final int REMOTE_PORT = 78;
    public static final int LOCAL_ADDR = 80;
    public static final int REMOTE_ADDR = 96;
    public static final int BYTES = 112;

    private Offsets() {}
  }

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
    return number(Offsets.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Offsets.LISTENER_ID);
  }

  /** The kernel's number of the state; NEW_SYN_RECV for a request sock. */
  public int state() {
    return unsignedByte(Offsets.STATE);
  }

  /** The kernel's number of the state that the last transition led to; of a request sock, 0. */
  public int markState() {
    return unsignedByte(Offsets.MARK_STATE);
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
    return (unsignedByte(Offsets.FLAGS) & flag) != 0;
  }

  /** Whether its end is to be recorded so, if there is a filter. */
  boolean isDue(RecordType type) {
    return (unsignedByte(Offsets.DUE) & type.bit) != 0;
  }

  /** A descriptor that refers to it, or {@link #NO_FD}. */
  public int fd() {
    return integer(Offsets.FD);
  }

  /** When it entered the state, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long since() {
    // The mark may be a step behind, for it is written after the state.
    return markState() == state() || markState() == 0 ? markSince() : 0;
  }

  /** When the last transition was, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long markSince() {
    return number(Offsets.SINCE_NS);
  }

  /** Bytes of payload sent, without those retransmitted. */
  public long bytesSent() {
    return number(Offsets.BYTES_SENT);
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return number(Offsets.BYTES_RECEIVED);
  }

  /** Bytes written and not acknowledged; of a listener, how many may wait for accept. */
  public long sendQueue() {
    return Integer.toUnsignedLong(integer(Offsets.SEND_QUEUE));
  }

  /** Bytes received and not read; of a listener, how many wait for accept. */
  public long receiveQueue() {
    return Integer.toUnsignedLong(integer(Offsets.RECEIVE_QUEUE));
  }

  /** Microseconds; 0 if it was never measured. */
  public int smoothedRtt() {
    return integer(Offsets.SMOOTHED_RTT);
  }

  /** Segments. */
  public int congestionWindow() {
    return integer(Offsets.CONGESTION_WINDOW);
  }

  /** Of a listener: what it dropped since it was opened. The kernel's number may wrap. */
  public int drops() {
    return integer(Offsets.DROPS);
  }

  /** Of a listener: how many request socks it has. */
  long halfOpen() {
    return Integer.toUnsignedLong(integer(Offsets.HALF_OPEN));
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Offsets.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Offsets.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Offsets.LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return unsignedShort(Offsets.REMOTE_PORT);
  }

  /** Its bytes. */
  ByteBuffer record() {
    return slice(Offsets.BYTES);
  }
}
