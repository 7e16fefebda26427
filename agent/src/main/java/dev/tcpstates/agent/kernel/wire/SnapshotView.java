// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

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
    public static final int BYTES_ACKNOWLEDGED = 48;
    public static final int LAST_SENT = 56;
    public static final int LAST_RECEIVED = 60;
    public static final int LAST_ACK = 64;
    public static final int TIMEOUT = 68;
    public static final int RETRANSMITS = 72;
    public static final int TIMEOUTS = 76;
    public static final int BACKOFF = 78;
    public static final int FD = 80;
    public static final int SEND_QUEUE = 84;
    public static final int RECEIVE_QUEUE = 88;
    public static final int SMOOTHED_RTT = 92;
    public static final int CONGESTION_WINDOW = 96;
    public static final int DROPS = 100;
    public static final int HALF_OPEN = 104;
    public static final int LOCAL_PORT = 108;
    public static final int REMOTE_PORT = 110;
    public static final int LOCAL_ADDR = 112;
    public static final int REMOTE_ADDR = 128;
    public static final int USER_TIMEOUT = 144;
    public static final int LONGEST_TIMEOUT = 148;
    public static final int FIRST_RETRANSMIT = 152;
    public static final int NEXT_TIMEOUT = 156;
    public static final int SEGMENTS_SENT = 160;
    public static final int RESERVED = 164;
    public static final int BYTES = 168;

    private Offsets() {}
  }

  /** Instead of an age in milliseconds: what it is the age of has never been. */
  public static final int NEVER = -1;

  /** The descriptor of a socket that was found without one. */
  public static final int NO_FD = -1;

  /** {@code enum tcp_snapshot_flag}. */
  public static final int ORPHAN = 1;

  public static final int ADOPTED = 2;
  public static final int OLDER = 4;
  public static final int EXCLUDED = 8;
  public static final int SOFT_ERROR = 16;
  public static final int SHARED = 32;
  public static final int ACCEPTED = 64;

  /** Reads a record whose times are of {@code System.nanoTime()}. */
  public SnapshotView(ByteBuffer memory) {
    this(memory, 0);
  }

  SnapshotView(ByteBuffer memory, long clockOffset) {
    super(memory, clockOffset);
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

  /** Whether the network has reported an error, such as no route, that did not end it. */
  public boolean softError() {
    return flag(SOFT_ERROR);
  }

  /** Whether another process may have it, too; not known of one without a descriptor. */
  public boolean shared() {
    return flag(SHARED);
  }

  /** Whether accept has returned it, in whatever process, and that has not closed it. */
  public boolean accepted() {
    return flag(ACCEPTED);
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
    return time(Offsets.SINCE_NS);
  }

  /** Bytes of payload sent, without those retransmitted. */
  public long bytesSent() {
    return number(Offsets.BYTES_SENT);
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return number(Offsets.BYTES_RECEIVED);
  }

  /** Bytes that the other side has acknowledged; SYN and FIN count as one each. */
  public long bytesAcknowledged() {
    return number(Offsets.BYTES_ACKNOWLEDGED);
  }

  /** How many ns ago it last sent or retransmitted payload; -1 if it never did. */
  public long lastSent() {
    return age(Offsets.LAST_SENT);
  }

  /** How many ns ago payload last came; -1 if none ever did. */
  public long lastReceived() {
    return age(Offsets.LAST_RECEIVED);
  }

  /** How many ns ago an acknowledgement last came; -1 if none ever did. */
  public long lastAcknowledgement() {
    return age(Offsets.LAST_ACK);
  }

  /**
   * How many ns ago the first segment since the last progress was retransmitted; -1 if none was.
   */
  public long firstRetransmit() {
    return age(Offsets.FIRST_RETRANSMIT);
  }

  /** In how many ns the retransmission timer runs out; -1 if it is not set. */
  public long nextTimeout() {
    return age(Offsets.NEXT_TIMEOUT);
  }

  /** The socket option TCP_USER_TIMEOUT, in ns; 0 if it is not set. */
  public long userTimeout() {
    return millis(Offsets.USER_TIMEOUT);
  }

  /** The retransmission timeout that is not doubled any more, in ns. */
  public long longestTimeout() {
    return millis(Offsets.LONGEST_TIMEOUT);
  }

  private long age(int field) {
    return integer(field) == NEVER ? -1 : millis(field);
  }

  /** The retransmission timeout, with its backoff, in ns. */
  public long timeout() {
    return millis(Offsets.TIMEOUT);
  }

  private long millis(int field) {
    return TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(integer(field)));
  }

  /**
   * Segments sent since it was opened, retransmitted ones included. The kernel's number may wrap.
   */
  public int segmentsSent() {
    return integer(Offsets.SEGMENTS_SENT);
  }

  /** Segments retransmitted since it was opened. */
  public int retransmits() {
    return integer(Offsets.RETRANSMITS);
  }

  /** How often the retransmission timer has run out since the last progress. */
  public int timeouts() {
    return unsignedShort(Offsets.TIMEOUTS);
  }

  /** How often that has doubled the timeout. */
  public int backoff() {
    return unsignedShort(Offsets.BACKOFF);
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
