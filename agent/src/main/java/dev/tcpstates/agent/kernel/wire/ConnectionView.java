// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Connection;
import dev.tcpstates.agent.kernel.wire.Layout.Header;
import dev.tcpstates.agent.kernel.wire.Layout.SampledConnection;
import dev.tcpstates.agent.kernel.wire.Layout.StateTimes;
import java.nio.ByteBuffer;

/** A connection that has ended: {@code struct tcp_connection}. Times are of System.nanoTime(). */
public final class ConnectionView extends RecordView {
  /** {@link #closer}: no FIN from either side. */
  public static final int NOBODY = 0;

  /** {@link #closer}: this side's FIN was first. */
  public static final int LOCAL = 1;

  /** {@link #closer}: the other side's FIN was first. */
  public static final int REMOTE = 2;

  public ConnectionView(ByteBuffer memory) {
    super(memory);
  }

  /** Whether it was polled, so that some of it is unknown, and the rest bounded. */
  public boolean isSampled() {
    return unsignedShort(Header.SIZE) == SampledConnection.BYTES;
  }

  /** By how many ns its times may be off. */
  public long uncertainty() {
    return isSampled() ? number(SampledConnection.UNCERTAINTY_NS) : 0;
  }

  /** Whether it was ever established, as far as is known. */
  public boolean wasEstablished() {
    return isSampled() ? unsignedByte(SampledConnection.ESTABLISHED) != 0 : established() != 0;
  }

  /** Whether it is known how it ended. */
  public boolean isEndKnown() {
    return !isSampled() || unsignedByte(SampledConnection.FINISHED) != 0;
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Connection.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Connection.LISTENER_ID);
  }

  /** The kernel's number of the state that it left for CLOSE. */
  public int oldState() {
    return unsignedByte(Connection.OLD_STATE);
  }

  /** Whose FIN was first. */
  public int closer() {
    return unsignedByte(Connection.CLOSER);
  }

  /** Whether this side gave it up while the FINs were on their way, in FIN_WAIT2 or later. */
  public boolean aborted() {
    return unsignedShort(Connection.ABORTED) != 0;
  }

  /** Whether it makes a Connection event; else only its bytes are used. */
  public boolean connectionWanted() {
    return (unsignedShort(Connection.WANTED) & RecordType.CONNECTIONS.bit) != 0;
  }

  /** The socket's error, an errno; 0 for none. */
  public int error() {
    return unsignedShort(Connection.ERROR);
  }

  /** When it had its first transition; 0 if it is older than the agent. */
  public long opened() {
    return number(Connection.OPENED_NS);
  }

  /**
   * When it became ESTABLISHED; 0 if it never did, or before the agent came, or no poll saw it
   * before that.
   */
  public long established() {
    return number(Connection.ESTABLISHED_NS);
  }

  /** When it entered CLOSE. */
  public long time() {
    return number(Connection.TIME_NS);
  }

  /** How many ns it was ESTABLISHED. */
  public long timeEstablished() {
    return number(Connection.IN_STATE + StateTimes.ESTABLISHED);
  }

  /** How many ns it was in FIN_WAIT1 and FIN_WAIT2. */
  public long timeFinWait() {
    return number(Connection.IN_STATE + StateTimes.FIN_WAIT);
  }

  /** How many ns it was in CLOSE_WAIT. */
  public long timeCloseWait() {
    return number(Connection.IN_STATE + StateTimes.CLOSE_WAIT);
  }

  /** How many ns it was in LAST_ACK. */
  public long timeLastAck() {
    return number(Connection.IN_STATE + StateTimes.LAST_ACK);
  }

  /** Bytes of payload sent, without those sent again. */
  public long bytesSent() {
    return number(Connection.BYTES_SENT);
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return number(Connection.BYTES_RECEIVED);
  }

  /** Bytes of payload sent again. */
  public long bytesRetransmitted() {
    return number(Connection.BYTES_RETRANSMITTED);
  }

  /** Segments sent, data or not. */
  public int segmentsSent() {
    return integer(Connection.SEGMENTS_SENT);
  }

  /** Segments received, data or not. */
  public int segmentsReceived() {
    return integer(Connection.SEGMENTS_RECEIVED);
  }

  /** Segments sent again. */
  public int retransmits() {
    return integer(Connection.RETRANSMITS);
  }

  /** Microseconds; 0 if it was never measured. */
  public int smoothedRtt() {
    return integer(Connection.SMOOTHED_RTT);
  }

  /** Microseconds; -1 if it was never measured. */
  public int minimumRtt() {
    return integer(Connection.MINIMUM_RTT);
  }

  /** Bytes that had come and nobody read. */
  public int unread() {
    return integer(Connection.UNREAD);
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Connection.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Connection.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Connection.LOCAL_PORT);
  }

  /** 0 to 65535. */
  public int remotePort() {
    return unsignedShort(Connection.REMOTE_PORT);
  }
}
