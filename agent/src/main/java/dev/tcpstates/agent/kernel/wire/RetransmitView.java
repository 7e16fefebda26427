// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Retransmit;
import java.nio.ByteBuffer;

/** Segments that were sent again: {@code struct tcp_retransmit}. */
public final class RetransmitView extends RecordView {
  /** {@code enum tcp_segment}, by its numbers. */
  private static final String[] SEGMENTS = {
    "UNKNOWN", "SYN", "SYN_ACK", "DATA", "FIN", "LOSS_PROBE"
  };

  RetransmitView(ByteBuffer memory) {
    super(memory);
  }

  /** The socket's cookie, or that of the connection that is to become one. */
  public long socketId() {
    return number(Retransmit.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Retransmit.LISTENER_ID);
  }

  /** When it was sent, in ns of {@code System.nanoTime()}. */
  public long time() {
    return number(Retransmit.TIME_NS);
  }

  /** The kernel's number of the state. */
  public int state() {
    return unsignedByte(Retransmit.STATE);
  }

  /** What was sent: SYN, SYN_ACK, DATA, FIN or LOSS_PROBE. */
  public String segment() {
    int number = unsignedByte(Retransmit.SEGMENT);
    return SEGMENTS[number < SEGMENTS.length ? number : 0];
  }

  /** How many segments this was. */
  public int segments() {
    return unsignedShort(Retransmit.SEGMENTS);
  }

  /** Bytes of payload in them. */
  public int bytesRetransmitted() {
    return integer(Retransmit.BYTES_RETRANSMITTED);
  }

  /** Segments of this connection sent again so far, with these. */
  public int retransmits() {
    return integer(Retransmit.RETRANSMITS);
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Retransmit.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Retransmit.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Retransmit.LOCAL_PORT);
  }

  /** 0 to 65535. */
  public int remotePort() {
    return unsignedShort(Retransmit.REMOTE_PORT);
  }
}
