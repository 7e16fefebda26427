// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One socket in an answer of {@code NETLINK_SOCK_DIAG}: {@code struct inet_diag_msg} with its
 * attributes. A view into the buffer of {@link SockDiag}, valid during the call that it is handed
 * to. Numbers that this kernel doesn't give are {@link #UNKNOWN}.
 */
public final class DiagSocket {
  /** Stands for a number that this kernel doesn't give. */
  public static final long UNKNOWN = -1;

  /** Bytes of {@code struct inet_diag_msg}. */
  static final int BYTES = 72;

  /** {@code struct inet_diag_sockid} in it, with the ports and addresses in network order. */
  static final int ID = 4;

  public static final int ID_BYTES = 48;
  public static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  /** Attributes; the request asks for number n with bit n - 1. */
  static final int ATTRIBUTE_INFO = 2;

  static final int ATTRIBUTE_MEMORY = 7;

  private static final int STATE = 1;
  private static final int TIMER = 2;
  private static final int LOCAL_PORT = ID;
  private static final int REMOTE_PORT = ID + 2;
  private static final int LOCAL_ADDRESS = ID + 4;
  private static final int REMOTE_ADDRESS = ID + 20;
  private static final int INTERFACE = ID + 36;
  private static final int COOKIE = ID + 40;
  private static final int RECEIVE_QUEUE = 56;
  private static final int SEND_QUEUE = 60;
  private static final int USER = 64;
  private static final int INODE = 68;

  private static final int TIME_WAIT_TIMER = 3;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int MEMORY_DROPS = 8 * Integer.BYTES; // SK_MEMINFO_DROPS

  /** Fields of {@code struct tcp_info}, which has grown with the kernel's versions. */
  private static final int INFO_TIMEOUTS = 2;

  private static final int INFO_BACKOFF = 4;
  private static final int INFO_TIMEOUT = 8;
  private static final int INFO_LAST_DATA_SENT = 44;
  private static final int INFO_LAST_DATA_RECEIVED = 52;
  private static final int INFO_LAST_ACK_RECEIVED = 56;
  private static final int INFO_SMOOTHED_RTT = 68;

  private static final int INFO_CONGESTION_WINDOW = 80;
  private static final int INFO_TOTAL_RETRANSMITS = 100;
  private static final int INFO_BYTES_ACKNOWLEDGED = 120; // Linux 4.1
  private static final int INFO_BYTES_RECEIVED = 128; // 4.1
  private static final int INFO_SEGMENTS_SENT = 136; // 4.2
  private static final int INFO_SEGMENTS_RECEIVED = 140; // 4.2
  private static final int INFO_MINIMUM_RTT = 148; // 4.6
  private static final int INFO_BYTES_SENT = 200; // 4.19
  private static final int INFO_BYTES_RETRANSMITTED = 208; // 4.19

  private final ByteBuffer memory;
  private int at;
  private int info;
  private int infoLength;
  private int socketMemory;
  private int socketMemoryLength;

  DiagSocket(ByteBuffer memory) {
    this.memory = memory;
  }

  /**
   * Goes to a message's payload and finds its attributes.
   *
   * @return whether it is a whole {@code struct inet_diag_msg}
   */
  boolean moveTo(int offset, int length) {
    at = offset;
    info = 0;
    infoLength = 0;
    socketMemoryLength = 0;
    if (length < BYTES || family() != AF_INET && family() != AF_INET6) {
      return false;
    }
    int end = offset + length;
    for (int attribute = offset + BYTES; attribute + ATTRIBUTE_HEADER <= end; ) {
      int size = Short.toUnsignedInt(memory.getShort(attribute));
      if (size < ATTRIBUTE_HEADER || attribute + size > end) {
        break;
      }
      int type = Short.toUnsignedInt(memory.getShort(attribute + 2));
      if (type == ATTRIBUTE_INFO) {
        info = attribute + ATTRIBUTE_HEADER;
        infoLength = size - ATTRIBUTE_HEADER;
      } else if (type == ATTRIBUTE_MEMORY) {
        socketMemory = attribute + ATTRIBUTE_HEADER;
        socketMemoryLength = size - ATTRIBUTE_HEADER;
      }
      attribute += size + 3 & ~3;
    }
    return true;
  }

  /** Copies {@code struct inet_diag_sockid}, which names the socket in a request. */
  void copyId(ByteBuffer to, int offset) {
    to.put(offset, memory, at + ID, ID_BYTES);
  }

  /** AF_INET or AF_INET6; the latter for IPv4 mapped into IPv6 too. */
  public int family() {
    return Byte.toUnsignedInt(memory.get(at));
  }

  /** The socket's cookie. */
  public long cookie() {
    long low = Integer.toUnsignedLong(memory.getInt(at + COOKIE));
    return (long) memory.getInt(at + COOKIE + Integer.BYTES) << Integer.SIZE | low;
  }

  /** The kernel's number of the state; SYN_RECV of a half-open connection too. */
  public int state() {
    return Byte.toUnsignedInt(memory.get(at + STATE));
  }

  /** Whether it is what the kernel keeps of a closed socket in FIN_WAIT2 or TIME_WAIT. */
  public boolean isTimeWait() {
    return memory.get(at + TIMER) == TIME_WAIT_TIMER;
  }

  /** Whether {@code struct tcp_info} is there: of sockets in use only, and if it was asked for. */
  public boolean hasInfo() {
    return infoLength > 0;
  }

  /** 0 to 65535. */
  public int localPort() {
    return port(LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return port(REMOTE_PORT);
  }

  private int port(int field) {
    return Byte.toUnsignedInt(memory.get(at + field)) << 8
        | Byte.toUnsignedInt(memory.get(at + field + 1));
  }

  /** The first (0) or last (1) eight bytes of the local address as IPv6, in network order. */
  public long localAddress(int half) {
    return address(LOCAL_ADDRESS, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address as IPv6, in network order. */
  public long remoteAddress(int half) {
    return address(REMOTE_ADDRESS, half);
  }

  private long address(int field, int half) {
    if (family() == AF_INET) {
      long number = Integer.toUnsignedLong(big(memory.getInt(at + field)));
      return half == 0 ? 0 : 0xffffL << Integer.SIZE | number;
    }
    long value = memory.getLong(at + field + half * Long.BYTES);
    return memory.order() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value);
  }

  private int big(int value) {
    return memory.order() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
  }

  /** Number of the network interface that it is bound to; 0 for none. */
  public int networkInterface() {
    return memory.getInt(at + INTERFACE);
  }

  /** Bytes not read, a FIN counted as one; of a listener, connections that wait for accept. */
  public int receiveQueue() {
    return memory.getInt(at + RECEIVE_QUEUE);
  }

  /** Bytes not acknowledged, SYN and FIN counted as one each; of a listener, its queue's limit. */
  public int sendQueue() {
    return memory.getInt(at + SEND_QUEUE);
  }

  /** The user that created it, as seen from this process's user namespace. */
  public int user() {
    return memory.getInt(at + USER);
  }

  /** Number of the file; 0 if no descriptor of any process refers to it. */
  public int inode() {
    return memory.getInt(at + INODE);
  }

  /** Of a listener: connections and requests dropped since it was opened; the number may wrap. */
  public long drops() {
    return socketMemoryLength >= MEMORY_DROPS + Integer.BYTES
        ? Integer.toUnsignedLong(memory.getInt(socketMemory + MEMORY_DROPS))
        : UNKNOWN;
  }

  /** Microseconds; 0 if it was never measured. */
  public long smoothedRtt() {
    return unsigned(INFO_SMOOTHED_RTT);
  }

  /** Microseconds; 4294967295 if it was never measured. */
  public long minimumRtt() {
    return unsigned(INFO_MINIMUM_RTT);
  }

  /** Segments. */
  public long congestionWindow() {
    return unsigned(INFO_CONGESTION_WINDOW);
  }

  /** Retransmitted segments. */
  public long retransmits() {
    return unsigned(INFO_TOTAL_RETRANSMITS);
  }

  /** Segments sent, with data or without. */
  public long segmentsSent() {
    return unsigned(INFO_SEGMENTS_SENT);
  }

  /** Segments received, with data or without. */
  public long segmentsReceived() {
    return unsigned(INFO_SEGMENTS_RECEIVED);
  }

  /** Bytes acknowledged by the peer, SYN and FIN counted as one each. */
  public long bytesAcknowledged() {
    return number(INFO_BYTES_ACKNOWLEDGED);
  }

  /** Bytes received in order, a FIN counted as one. */
  public long bytesReceived() {
    return number(INFO_BYTES_RECEIVED);
  }

  /** Bytes of payload sent, with retransmissions. */
  public long bytesSent() {
    return number(INFO_BYTES_SENT);
  }

  /** Bytes of payload retransmitted. */
  public long bytesRetransmitted() {
    return number(INFO_BYTES_RETRANSMITTED);
  }

  /** How often the retransmission timer has run out since the last progress. */
  public int timeouts() {
    return infoLength > INFO_TIMEOUTS ? Byte.toUnsignedInt(memory.get(info + INFO_TIMEOUTS)) : 0;
  }

  /** How often that has doubled the timeout. */
  public int backoff() {
    return infoLength > INFO_BACKOFF ? Byte.toUnsignedInt(memory.get(info + INFO_BACKOFF)) : 0;
  }

  /** The retransmission timeout in microseconds. */
  public long timeout() {
    return unsigned(INFO_TIMEOUT);
  }

  /** Milliseconds since payload was last sent or retransmitted, or since the handshake. */
  public long lastSent() {
    return unsigned(INFO_LAST_DATA_SENT);
  }

  /** Milliseconds since payload last came, or since the handshake. */
  public long lastReceived() {
    return unsigned(INFO_LAST_DATA_RECEIVED);
  }

  /** Milliseconds since an acknowledgement last came. */
  public long lastAcknowledgement() {
    return unsigned(INFO_LAST_ACK_RECEIVED);
  }

  private long unsigned(int field) {
    return field + Integer.BYTES <= infoLength
        ? Integer.toUnsignedLong(memory.getInt(info + field))
        : UNKNOWN;
  }

  private long number(int field) {
    return field + Long.BYTES <= infoLength ? memory.getLong(info + field) : UNKNOWN;
  }
}
