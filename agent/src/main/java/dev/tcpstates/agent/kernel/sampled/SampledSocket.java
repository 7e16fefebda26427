// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.sampled;

import dev.tcpstates.agent.cookies.SocketMap;
import dev.tcpstates.agent.kernel.diag.DiagSocket;
import dev.tcpstates.agent.kernel.diag.SockDiag;
import dev.tcpstates.agent.kernel.wire.SnapshotView;
import dev.tcpstates.jfr.TcpState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A socket of this JVM as the last sample saw it, and what the samples before showed of its life.
 * Times are ns of {@code System.nanoTime()}. Not thread-safe.
 */
public final class SampledSocket implements SocketMap.Entry {
  /** Who sent the first FIN. */
  public enum Closer {
    /** No FIN was seen from either side. */
    NONE,
    /** This side. */
    LOCAL,
    /** The other side. */
    REMOTE
  }

  private static final int ESTABLISHED = TcpState.ESTABLISHED.kernelValue();
  private static final int SYN_SENT = TcpState.SYN_SENT.kernelValue();
  private static final int SYN_RECV = TcpState.SYN_RECV.kernelValue();
  private static final int FIN_WAIT1 = TcpState.FIN_WAIT1.kernelValue();
  private static final int FIN_WAIT2 = TcpState.FIN_WAIT2.kernelValue();
  private static final int CLOSE_WAIT = TcpState.CLOSE_WAIT.kernelValue();
  private static final int LAST_ACK = TcpState.LAST_ACK.kernelValue();
  private static final int LISTEN = TcpState.LISTEN.kernelValue();
  private static final int CLOSING = TcpState.CLOSING.kernelValue();
  private static final int NEW_SYN_RECV = TcpState.NEW_SYN_RECV.kernelValue();

  private final long cookie;
  private final int family;
  private final int networkInterface;
  private long localHigh;
  private long localLow;
  private long remoteHigh;
  private long remoteLow;
  private int localPort;
  private int remotePort;
  private int inode;

  private int state;
  private long since;
  private final long firstSeen;
  private long lastSeen;
  private long timeEstablished;
  private long timeFinWait;
  private long timeCloseWait;
  private long timeLastAck;
  private Closer closer = Closer.NONE;
  private boolean established;
  private long establishedAt;
  private long longestGap;
  private boolean finished;

  private long bytesSent;
  private long bytesReceived;
  private long bytesRetransmitted;
  private int segmentsSent;
  private int segmentsReceived;
  private int retransmits;
  private int smoothedRtt;
  private int minimumRtt = -1;
  private int congestionWindow;
  private int sendQueue;
  private int receiveQueue;
  private int drops;
  private long bytesAcknowledged;
  private int lastSent = SnapshotView.NEVER;
  private int lastReceived = SnapshotView.NEVER;
  private int lastAcknowledgement = SnapshotView.NEVER;
  private int timeout;
  private int timeouts;
  private int backoff;

  /** What the sampler knows of it. */
  long listenerId;

  long openedAt;
  boolean adopted;
  boolean missed;
  int sample;

  public SampledSocket(DiagSocket seen, long time) {
    cookie = seen.cookie();
    family = seen.family();
    networkInterface = seen.networkInterface();
    firstSeen = time;
    lastSeen = time;
    update(seen, time);
  }

  /** The kernel's state, but for a half-open connection, which ss shows as SYN_RECV. */
  static int state(DiagSocket seen) {
    return seen.state() == SYN_RECV && !seen.hasInfo() ? NEW_SYN_RECV : seen.state();
  }

  /** Takes over what a sample saw. */
  final void update(DiagSocket seen, long time) {
    until(time);
    int now = state(seen);
    if (now != state) {
      entered(now, time);
    }
    missed = false;
    inode = seen.inode();
    // They can change: a socket is bound, and connects, from one sample to the next.
    localHigh = seen.localAddress(0);
    localLow = seen.localAddress(1);
    remoteHigh = seen.remoteAddress(0);
    remoteLow = seen.remoteAddress(1);
    localPort = seen.localPort();
    remotePort = seen.remotePort();
    readNumbers(seen);
  }

  /**
   * Counts a state from the first sight of it to the first sight of the next: what is missing at
   * its begin and what is too much at its end is each at most the time between two sights.
   */
  private void until(long time) {
    long nanos = time - lastSeen;
    lastSeen = time;
    longestGap = Math.max(longestGap, nanos);
    if (state == ESTABLISHED) {
      timeEstablished += nanos;
    } else if (state == FIN_WAIT1 || state == FIN_WAIT2) {
      timeFinWait += nanos;
    } else if (state == CLOSE_WAIT) {
      timeCloseWait += nanos;
    } else if (state == LAST_ACK) {
      timeLastAck += nanos;
    }
  }

  private void entered(int now, long time) {
    boolean first = state == 0;
    state = now;
    since = time;
    boolean connected = now != SYN_SENT && now != SYN_RECV && now != NEW_SYN_RECV && now != LISTEN;
    if (connected && !established) {
      established = true;
      establishedAt = first ? 0 : time;
    }
    if (closer == Closer.NONE) {
      if (now == CLOSE_WAIT || now == LAST_ACK) {
        closer = Closer.REMOTE;
      } else if (now == FIN_WAIT1 || now == FIN_WAIT2 || now == CLOSING) {
        closer = Closer.LOCAL;
      }
    }
  }

  private void readNumbers(DiagSocket seen) {
    if (state == LISTEN) {
      sendQueue = seen.sendQueue();
      receiveQueue = seen.receiveQueue();
      drops = (int) Math.max(0, seen.drops());
      return;
    }
    if (!seen.hasInfo()) {
      return;
    }
    // The kernel counts SYN and FIN as a byte each where it counts in sequence numbers.
    int finReceived = state == CLOSE_WAIT || state == LAST_ACK || state == CLOSING ? 1 : 0;
    boolean syn = state == SYN_SENT;
    boolean finSent = state == FIN_WAIT1 || state == CLOSING || state == LAST_ACK;
    sendQueue = (int) without(seen.sendQueue(), syn || finSent ? 1 : 0);
    bytesReceived = without(seen.bytesReceived(), finReceived);
    receiveQueue = bytesReceived == 0 ? 0 : (int) without(seen.receiveQueue(), finReceived);
    bytesRetransmitted = Math.max(0, seen.bytesRetransmitted());
    long sent = seen.bytesSent();
    if (sent == DiagSocket.UNKNOWN) {
      // Before Linux 4.19 only what the peer has acknowledged is known.
      bytesSent = without(seen.bytesAcknowledged(), 1);
    } else {
      bytesSent = Math.max(0, sent - bytesRetransmitted);
    }
    segmentsSent = (int) Math.max(0, seen.segmentsSent());
    segmentsReceived = (int) Math.max(0, seen.segmentsReceived());
    retransmits = (int) Math.max(0, seen.retransmits());
    smoothedRtt = (int) Math.max(0, seen.smoothedRtt());
    minimumRtt = (int) seen.minimumRtt();
    congestionWindow = (int) Math.max(0, seen.congestionWindow());
    bytesAcknowledged = Math.max(0, seen.bytesAcknowledged());
    // The kernel counts these two from the handshake, if there was no payload yet.
    lastSent = bytesSent == 0 ? SnapshotView.NEVER : (int) seen.lastSent();
    lastReceived = bytesReceived == 0 ? SnapshotView.NEVER : (int) seen.lastReceived();
    lastAcknowledgement = syn ? SnapshotView.NEVER : (int) seen.lastAcknowledgement();
    timeout = (int) (Math.max(0, seen.timeout()) / 1_000);
    timeouts = seen.timeouts();
    backoff = seen.backoff();
  }

  private static long without(long count, int extra) {
    return Math.max(0, count - extra);
  }

  /**
   * The sample did not show it any more.
   *
   * @param time the sample's end
   */
  void ended(long time) {
    until(time);
  }

  /** Both sides' FINs were exchanged: what the kernel keeps of the closed socket was seen. */
  void finished() {
    finished = true;
    established = true;
    if (closer == Closer.NONE) {
      closer = Closer.LOCAL; // only the side that closes first passes through TIME_WAIT
    }
  }

  /** {@code struct inet_diag_sockid}, for {@link SockDiag#find}. */
  public byte[] id() {
    byte[] id = new byte[DiagSocket.ID_BYTES];
    ByteBuffer network = ByteBuffer.wrap(id);
    network.putShort(0, (short) localPort).putShort(2, (short) remotePort);
    if (family == DiagSocket.AF_INET) {
      network.putInt(4, (int) localLow).putInt(20, (int) remoteLow);
    } else {
      network.putLong(4, localHigh).putLong(12, localLow);
      network.putLong(20, remoteHigh).putLong(28, remoteLow);
    }
    ByteBuffer host = ByteBuffer.wrap(id).order(ByteOrder.nativeOrder());
    host.putInt(36, networkInterface);
    host.putInt(40, (int) cookie).putInt(44, (int) (cookie >>> Integer.SIZE));
    return id;
  }

  public int family() {
    return family;
  }

  @Override
  public long socketId() {
    return cookie;
  }

  /** The cookie of the listener that it was accepted from, or 0 if there is none or several may. */
  public long listenerId() {
    return listenerId;
  }

  /** The kernel's number of the state; NEW_SYN_RECV of a half-open connection. */
  public int state() {
    return state;
  }

  /** Whether it is a connection, or an attempt at one. */
  public boolean isConnection() {
    return state != LISTEN && state != NEW_SYN_RECV;
  }

  /** When it was first seen in its state; it may have entered it since the sample before. */
  public long since() {
    return since;
  }

  /** When Java code opened it, or when it was first seen, whichever is earlier; 0 if adopted. */
  public long opened() {
    if (adopted) {
      return 0;
    }
    return openedAt == 0 ? firstSeen : Math.min(openedAt, firstSeen);
  }

  /** By how much the times of its life and its states may be off at most, in ns. */
  public long uncertainty() {
    return longestGap;
  }

  /** It was opened after this, for the sample before did not show it. */
  void notBefore(long time) {
    longestGap = Math.max(longestGap, firstSeen - Math.max(time, openedAt));
  }

  /** Whether no descriptor of any process refers to it: closed, or not accepted yet. */
  public boolean hasNoDescriptor() {
    return inode == 0;
  }

  /** Whether no descriptor is left. */
  public boolean isOrphan() {
    return inode == 0 && state != ESTABLISHED && state != CLOSE_WAIT && state != NEW_SYN_RECV;
  }

  /** Whether it was open before the agent saw it open. */
  public boolean isAdopted() {
    return adopted;
  }

  /** Whether the handshake is known to have been completed. */
  public boolean wasEstablished() {
    return established;
  }

  /** When it was first seen established; 0 if no sample saw it before that. */
  public long establishedAt() {
    return establishedAt;
  }

  /** Whether both sides' FINs are known to have been exchanged. */
  public boolean isFinished() {
    return finished;
  }

  /** Whose FIN was first, as far as is known. */
  public Closer closer() {
    return closer;
  }

  /** How many ns it was ESTABLISHED, give or take {@link #uncertainty}. */
  public long timeEstablished() {
    return timeEstablished;
  }

  /** The same for FIN_WAIT1 and FIN_WAIT2. */
  public long timeFinWait() {
    return timeFinWait;
  }

  /** The same for CLOSE_WAIT. */
  public long timeCloseWait() {
    return timeCloseWait;
  }

  /** The same for LAST_ACK. */
  public long timeLastAck() {
    return timeLastAck;
  }

  /** Bytes of payload sent, without retransmissions. */
  public long bytesSent() {
    return bytesSent;
  }

  /** Bytes of payload received in order. */
  public long bytesReceived() {
    return bytesReceived;
  }

  /** Bytes of payload retransmitted. */
  public long bytesRetransmitted() {
    return bytesRetransmitted;
  }

  /** Segments sent. */
  public int segmentsSent() {
    return segmentsSent;
  }

  /** Segments received. */
  public int segmentsReceived() {
    return segmentsReceived;
  }

  /** Retransmitted segments. */
  public int retransmits() {
    return retransmits;
  }

  /** Microseconds; 0 if it was never measured. */
  public int smoothedRtt() {
    return smoothedRtt;
  }

  /** Microseconds; -1 if it was never measured. */
  public int minimumRtt() {
    return minimumRtt;
  }

  /** Segments. */
  public int congestionWindow() {
    return congestionWindow;
  }

  /** Bytes acknowledged by the peer, SYN and FIN counted as one each. */
  public long bytesAcknowledged() {
    return bytesAcknowledged;
  }

  /** Age of the last payload sent in ms, or {@link SnapshotView#NEVER}; likewise below. */
  public int lastSent() {
    return lastSent;
  }

  /** Age of the last payload received in ms. */
  public int lastReceived() {
    return lastReceived;
  }

  /** Age of the last acknowledgement received in ms. */
  public int lastAcknowledgement() {
    return lastAcknowledgement;
  }

  /** The retransmission timeout in ms. */
  public int timeout() {
    return timeout;
  }

  /** How often the retransmission timer has run out since the last progress. */
  public int timeouts() {
    return timeouts;
  }

  /** How often that has doubled the timeout. */
  public int backoff() {
    return backoff;
  }

  /** Bytes written and not acknowledged; of a listener, the queue's limit. */
  public int sendQueue() {
    return sendQueue;
  }

  /** Bytes received and not read; of a listener, how many wait for accept. */
  public int receiveQueue() {
    return receiveQueue;
  }

  /** Of a listener: what it dropped since it was opened. */
  public int drops() {
    return drops;
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half == 0 ? localHigh : localLow;
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half == 0 ? remoteHigh : remoteLow;
  }

  /** 0 to 65535. */
  public int localPort() {
    return localPort;
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return remotePort;
  }
}
