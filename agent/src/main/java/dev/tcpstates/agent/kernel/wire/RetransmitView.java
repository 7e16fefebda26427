// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.nio.ByteBuffer;

/** Retransmitted segments: {@code struct tcp_retransmit}. */
public final class RetransmitView extends RecordView implements AddressedRecord {
  /** Where the fields lie in {@code struct tcp_retransmit}. */
  public static final class Offsets {
    public static final int HEADER = 0;
    public static final int STATE = 4;
    public static final int SEGMENT = 5;
    public static final int SEGMENTS = 6;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    public static final int LOCAL_ADDR = 32;
    public static final int REMOTE_ADDR = 48;
    public static final int LOCAL_PORT = 64;
    public static final int REMOTE_PORT = 66;
    public static final int BYTES_RETRANSMITTED = 68;
    public static final int RETRANSMITS = 72;
    public static final int RESERVED = 76;
    public static final int BYTES = 80;

    private Offsets() {}
  }

  /** {@code enum tcp_segment}, by its numbers. */
  private static final String[] SEGMENTS = {
    "UNKNOWN", "SYN", "SYN_ACK", "DATA", "FIN", "LOSS_PROBE"
  };

  RetransmitView(ByteBuffer memory, long clockOffset) {
    super(memory, clockOffset);
  }

  /** The socket's cookie, or that of the connection that is to become one. */
  public long socketId() {
    return number(Offsets.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Offsets.LISTENER_ID);
  }

  /** When it was sent, in ns of {@code System.nanoTime()}. */
  public long time() {
    return time(Offsets.TIME_NS);
  }

  /** The kernel's number of the state. */
  public int state() {
    return unsignedByte(Offsets.STATE);
  }

  /** What was sent: SYN, SYN_ACK, DATA, FIN or LOSS_PROBE. */
  public String segment() {
    int number = unsignedByte(Offsets.SEGMENT);
    return SEGMENTS[number < SEGMENTS.length ? number : 0];
  }

  /** How many segments this was. */
  public int segments() {
    return unsignedShort(Offsets.SEGMENTS);
  }

  /** Bytes of payload in them. */
  public int bytesRetransmitted() {
    return integer(Offsets.BYTES_RETRANSMITTED);
  }

  /** Retransmitted segments of this connection so far, with these. */
  public int retransmits() {
    return integer(Offsets.RETRANSMITS);
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
  RetransmitView copy() {
    return new RetransmitView(bytes(Offsets.BYTES), clockOffset());
  }
}
