// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Header;
import java.nio.ByteBuffer;

/** A connection that has ended: {@code struct tcp_connection}. Times are of System.nanoTime(). */
public final class ConnectionView extends RecordView {
  /** Where the fields lie in {@code struct tcp_connection}. */
  public static final class Offsets {
    public static final int HEADER = 0;
    public static final int OLD_STATE = 4;
    public static final int CLOSER = 5;
    public static final int ERROR = 6;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int OPENED_NS = 24;
    public static final int ESTABLISHED_NS = 32;
    public static final int TIME_NS = 40;
    public static final int IN_STATE = 48;
    public static final int BYTES_SENT = 80;
    public static final int BYTES_RECEIVED = 88;
    public static final int BYTES_RETRANSMITTED = 96;
    public static final int SEGMENTS_SENT = 104;
    public static final int SEGMENTS_RECEIVED = 108;
    public static final int RETRANSMITS = 112;
    public static final int SMOOTHED_RTT = 116;
    public static final int MINIMUM_RTT = 120;
    public static final int UNREAD = 124;
    public static final int LOCAL_ADDR = 128;
    public static final int REMOTE_ADDR = 144;
    public static final int LOCAL_PORT = 160;
    public static final int REMOTE_PORT = 162;
    public static final int ABORTED = 164;
    public static final int ACCEPTED = 165;
    public static final int WANTED = 166;
    public static final int IDLE_NS = 168;
    public static final int BYTES = 176;

    private Offsets() {}
  }

  /** {@code struct tcp_state_times}. */
  public static final class StateTimes {
    public static final int ESTABLISHED = 0;
    public static final int FIN_WAIT = 8;
    public static final int CLOSE_WAIT = 16;
    public static final int LAST_ACK = 24;
    public static final int BYTES = 32;

    private StateTimes() {}
  }

  /**
   * A connection that was polled: {@code struct tcp_connection}, and what only the agent itself
   * appends to it.
   */
  public static final class SampledConnection {
    /** By how many ns its times may be off. */
    public static final int UNCERTAINTY_NS = Offsets.BYTES;

    /** Whether it was ever established. */
    public static final int ESTABLISHED = UNCERTAINTY_NS + 8;

    /** Whether both FINs were exchanged; else how it ended is unknown. */
    public static final int FINISHED = ESTABLISHED + 1;

    public static final int BYTES = ESTABLISHED + 8;

    private SampledConnection() {}
  }

  /** {@link #closer}: no FIN from either side. */
  public static final int NOBODY = 0;

  /** {@link #closer}: this side's FIN was first. */
  public static final int LOCAL = 1;

  /** {@link #closer}: the other side's FIN was first. */
  public static final int REMOTE = 2;

  /** Reads a record whose times are of {@code System.nanoTime()}. */
  public ConnectionView(ByteBuffer memory) {
    this(memory, 0);
  }

  ConnectionView(ByteBuffer memory, long clockOffset) {
    super(memory, clockOffset);
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
    return number(Offsets.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Offsets.LISTENER_ID);
  }

  /** The kernel's number of the state that it left for CLOSE. */
  public int oldState() {
    return unsignedByte(Offsets.OLD_STATE);
  }

  /** Whose FIN was first. */
  public int closer() {
    return unsignedByte(Offsets.CLOSER);
  }

  /** Whether this side gave it up while the FINs were on their way, in FIN_WAIT2 or later. */
  public boolean aborted() {
    return unsignedByte(Offsets.ABORTED) != 0;
  }

  /** Whether accept has returned it, in whatever process. */
  public boolean accepted() {
    return unsignedByte(Offsets.ACCEPTED) != 0;
  }

  /** Whether it makes a Connection event; else only its bytes are used. */
  public boolean connectionWanted() {
    return (unsignedShort(Offsets.WANTED) & RecordType.CONNECTIONS.bit) != 0;
  }

  /** The socket's error, an errno; 0 for none. */
  public int error() {
    return unsignedShort(Offsets.ERROR);
  }

  /** When it had its first transition; 0 if it is older than the agent. */
  public long opened() {
    return time(Offsets.OPENED_NS);
  }

  /**
   * When it became ESTABLISHED; 0 if it never did, or before the agent came, or no poll saw it
   * before that.
   */
  public long established() {
    return time(Offsets.ESTABLISHED_NS);
  }

  /** When it entered CLOSE. */
  public long time() {
    return time(Offsets.TIME_NS);
  }

  /** How many ns it was ESTABLISHED. */
  public long timeEstablished() {
    return number(Offsets.IN_STATE + StateTimes.ESTABLISHED);
  }

  /** How many ns it was in FIN_WAIT1 and FIN_WAIT2. */
  public long timeFinWait() {
    return number(Offsets.IN_STATE + StateTimes.FIN_WAIT);
  }

  /** How many ns it was in CLOSE_WAIT. */
  public long timeCloseWait() {
    return number(Offsets.IN_STATE + StateTimes.CLOSE_WAIT);
  }

  /** How many ns it was in LAST_ACK. */
  public long timeLastAck() {
    return number(Offsets.IN_STATE + StateTimes.LAST_ACK);
  }

  /** How many ns it had been without data when it left ESTABLISHED; 0 if that is unknown. */
  public long idle() {
    return number(Offsets.IDLE_NS);
  }

  /** Bytes of payload sent, without retransmitted ones. */
  public long bytesSent() {
    return number(Offsets.BYTES_SENT);
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return number(Offsets.BYTES_RECEIVED);
  }

  /** Bytes of payload retransmitted. */
  public long bytesRetransmitted() {
    return number(Offsets.BYTES_RETRANSMITTED);
  }

  /** Segments sent, data or not. */
  public int segmentsSent() {
    return integer(Offsets.SEGMENTS_SENT);
  }

  /** Segments received, data or not. */
  public int segmentsReceived() {
    return integer(Offsets.SEGMENTS_RECEIVED);
  }

  /** Retransmitted segments. */
  public int retransmits() {
    return integer(Offsets.RETRANSMITS);
  }

  /** Microseconds; 0 if it was never measured. */
  public int smoothedRtt() {
    return integer(Offsets.SMOOTHED_RTT);
  }

  /** Microseconds; -1 if it was never measured. */
  public int minimumRtt() {
    return integer(Offsets.MINIMUM_RTT);
  }

  /** Bytes that had come and nobody read. */
  public int unread() {
    return integer(Offsets.UNREAD);
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

  /** 0 to 65535. */
  public int remotePort() {
    return unsignedShort(Offsets.REMOTE_PORT);
  }

  /** This record, apart from the memory that it lies in. */
  ConnectionView copy() {
    return new ConnectionView(bytes(unsignedShort(Header.SIZE)), clockOffset());
  }
}
