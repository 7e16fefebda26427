// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Reset;
import java.nio.ByteBuffer;
import java.util.Map;

/** A reset that was sent or received: {@code struct tcp_reset}. */
public final class ResetView extends RecordView {
  /** {@link #direction}: sent. */
  public static final int SENT = 0;

  /** {@link #direction}: received. */
  public static final int RECEIVED = 1;

  /**
   * {@link #direction}: received, unless one that is sent follows at once: then what came was data
   * that nobody would read, and only the second is a reset.
   */
  public static final int RECEIVED_OR_ABORT = 2;

  private final Map<Integer, String> reasons;

  /**
   * @param reasons the running kernel's names of its reasons
   */
  ResetView(ByteBuffer memory, Map<Integer, String> reasons) {
    super(memory);
    this.reasons = reasons;
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Reset.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Reset.LISTENER_ID);
  }

  /** When it was sent or received, in ns of {@code System.nanoTime()}. */
  public long time() {
    return number(Reset.TIME_NS);
  }

  /** The kernel's number of the state, or of the last before CLOSE. */
  public int state() {
    return unsignedByte(Reset.STATE);
  }

  /** {@link #SENT}, {@link #RECEIVED} or {@link #RECEIVED_OR_ABORT}. */
  public int direction() {
    return unsignedByte(Reset.DIRECTION);
  }

  /** Why it was sent, by the running kernel's name; {@code null} if it gives no reason. */
  public String reason() {
    return reasons.get(unsignedShort(Reset.REASON));
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Reset.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Reset.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Reset.LOCAL_PORT);
  }

  /** 0 to 65535. */
  public int remotePort() {
    return unsignedShort(Reset.REMOTE_PORT);
  }
}
