// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Snapshot;
import java.nio.ByteBuffer;

/** A socket as it was when a {@link SocketSnapshot} was taken: {@code struct tcp_snapshot}. */
public final class SnapshotView extends RecordView {
  SnapshotView(ByteBuffer memory) {
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

  /** The kernel's number of the state; NEW_SYN_RECV for what is no socket yet. */
  public int state() {
    return unsignedByte(Snapshot.STATE);
  }

  /** Whether no descriptor refers to it any more. */
  public boolean orphan() {
    return unsignedByte(Snapshot.ORPHAN) != 0;
  }

  /** Whether it was open before it became this JVM's: what it counts may be from before. */
  public boolean adopted() {
    return unsignedByte(Snapshot.ADOPTED) != 0;
  }

  /** Whether the filter leaves it out: a listener may be there for what is half open at it. */
  boolean leftOut() {
    return unsignedByte(Snapshot.LEFT_OUT) != 0;
  }

  /** When it entered the state, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long since() {
    return number(Snapshot.SINCE_NS);
  }

  /** Bytes of payload sent, without those sent again. */
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
}
