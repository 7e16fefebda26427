// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.nio.ByteBuffer;
import java.util.Map;

/** A reset that was sent or received: {@code struct tcp_reset}. */
public final class ResetView extends RecordView implements AddressedRecord {
  /** Where the fields lie in {@code struct tcp_reset}. */
  public static final class Offsets {
    public static final int HEADER = 0;
    public static final int STATE = 4;
    public static final int DIRECTION = 5;
    public static final int REASON = 6;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    public static final int LOCAL_ADDR = 32;
    public static final int REMOTE_ADDR = 48;
    public static final int LOCAL_PORT = 64;
    public static final int REMOTE_PORT = 66;
    public static final int RESERVED = 68;
    public static final int IDLE_NS = 72;
    public static final int BYTES = 80;

    private Offsets() {}
  }

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
  ResetView(ByteBuffer memory, long clockOffset, Map<Integer, String> reasons) {
    super(memory, clockOffset);
    this.reasons = reasons;
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Offsets.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Offsets.LISTENER_ID);
  }

  /** When it was sent or received, in ns of {@code System.nanoTime()}. */
  public long time() {
    return time(Offsets.TIME_NS);
  }

  /** The kernel's number of the state, or of the last before CLOSE. */
  public int state() {
    return unsignedByte(Offsets.STATE);
  }

  /** {@link #SENT}, {@link #RECEIVED} or {@link #RECEIVED_OR_ABORT}. */
  public int direction() {
    return unsignedByte(Offsets.DIRECTION);
  }

  /** Why it was sent, by the running kernel's name; {@code null} if it gives no reason. */
  public String reason() {
    return reasons.get(unsignedShort(Offsets.REASON));
  }

  /** How many ns the connection had been without data; -1 if it can't have had any. */
  public long idle() {
    return number(Offsets.IDLE_NS);
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  @Override
  public long localAddress(int half) {
    return half(Offsets.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  @Override
  public long remoteAddress(int half) {
    return half(Offsets.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  @Override
  public int localPort() {
    return unsignedShort(Offsets.LOCAL_PORT);
  }

  /** 0 to 65535. */
  @Override
  public int remotePort() {
    return unsignedShort(Offsets.REMOTE_PORT);
  }

  /** This record, apart from the memory that it lies in. */
  ResetView copy() {
    return new ResetView(bytes(Offsets.BYTES), clockOffset(), reasons);
  }
}
