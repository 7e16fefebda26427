// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

/**
 * Where the fields of {@code tcpstates.h} lie, in bytes. A unit test compares every number here
 * with the BTF of the object that is shipped.
 */
public final class Layout {
  public static final int VERSION = 1;
  static final int KIND_TRANSITION = 1;
  static final int KIND_END = 2;
  public static final int KIND_CONNECTION = 4;
  static final int KIND_RETRANSMIT = 5;
  static final int KIND_RESET = 6;
  public static final int KIND_SNAPSHOT = 16;
  public static final int KIND_TIME_WAIT = 17;

  private Layout() {}

  /** {@code struct tcp_header}, with which each record begins. */
  public static final class Header {
    public static final int SIZE = 0;
    public static final int VERSION = 2;
    public static final int KIND = 3;
    public static final int BYTES = 4;

    private Header() {}
  }

  /** {@code struct tcp_transition}. */
  public static final class Transition {
    static final int HEADER = 0;
    static final int TASK_ID = 4;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    static final int OLD_SINCE_NS = 32;
    public static final int UNCERTAINTY_NS = 40;
    public static final int LOCAL_ADDR = 48;
    public static final int REMOTE_ADDR = 64;
    public static final int LOCAL_PORT = 80;
    public static final int REMOTE_PORT = 82;
    public static final int OLD_STATE = 84;
    static final int NEW_STATE = 85;
    static final int ERROR = 86;
    static final int TASK_NAME = 88;
    public static final int BYTES = 104;

    private Transition() {}
  }

  /** {@code struct tcp_end}. */
  static final class End {
    static final int HEADER = 0;
    public static final int OLD_STATE = 4;
    public static final int SOCKET_ID = 8;
    public static final int BYTES = 16;

    private End() {}
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

  /** {@code struct tcp_connection}. */
  public static final class Connection {
    static final int HEADER = 0;
    public static final int OLD_STATE = 4;
    public static final int CLOSER = 5;
    static final int ERROR = 6;
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
    static final int UNREAD = 124;
    public static final int LOCAL_ADDR = 128;
    public static final int REMOTE_ADDR = 144;
    public static final int LOCAL_PORT = 160;
    public static final int REMOTE_PORT = 162;
    static final int ABORTED = 164;
    public static final int WANTED = 166;
    public static final int BYTES = 168;

    private Connection() {}
  }

  /**
   * A connection that was polled: {@code struct tcp_connection}, and what only the agent itself
   * appends to it.
   */
  public static final class SampledConnection {
    /** By how many ns its times may be off. */
    public static final int UNCERTAINTY_NS = Connection.BYTES;

    /** Whether it was ever established. */
    public static final int ESTABLISHED = UNCERTAINTY_NS + 8;

    /** Whether both FINs were exchanged; else how it ended is unknown. */
    public static final int FINISHED = ESTABLISHED + 1;

    public static final int BYTES = ESTABLISHED + 8;

    private SampledConnection() {}
  }

  /** {@code struct tcp_retransmit}. */
  static final class Retransmit {
    static final int HEADER = 0;
    public static final int STATE = 4;
    static final int SEGMENT = 5;
    static final int SEGMENTS = 6;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    public static final int LOCAL_ADDR = 32;
    public static final int REMOTE_ADDR = 48;
    public static final int LOCAL_PORT = 64;
    public static final int REMOTE_PORT = 66;
    public static final int BYTES_RETRANSMITTED = 68;
    public static final int RETRANSMITS = 72;
    static final int RESERVED = 76;
    public static final int BYTES = 80;

    private Retransmit() {}
  }

  /** {@code struct tcp_reset}. */
  static final class Reset {
    static final int HEADER = 0;
    public static final int STATE = 4;
    static final int DIRECTION = 5;
    static final int REASON = 6;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    public static final int LOCAL_ADDR = 32;
    public static final int REMOTE_ADDR = 48;
    public static final int LOCAL_PORT = 64;
    public static final int REMOTE_PORT = 66;
    static final int RESERVED = 68;
    public static final int BYTES = 72;

    private Reset() {}
  }

  /** {@code struct tcp_snapshot}. */
  public static final class Snapshot {
    static final int HEADER = 0;
    public static final int STATE = 4;
    public static final int MARK_STATE = 5;
    public static final int FLAGS = 6;
    public static final int DUE = 7;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int SINCE_NS = 24;
    public static final int BYTES_SENT = 32;
    public static final int BYTES_RECEIVED = 40;
    public static final int FD = 48;
    public static final int SEND_QUEUE = 52;
    public static final int RECEIVE_QUEUE = 56;
    public static final int SMOOTHED_RTT = 60;
    public static final int CONGESTION_WINDOW = 64;
    public static final int DROPS = 68;
    public static final int HALF_OPEN = 72;
    public static final int LOCAL_PORT = 76;
    public static final int REMOTE_PORT = 78;
    public static final int LOCAL_ADDR = 80;
    public static final int REMOTE_ADDR = 96;
    public static final int BYTES = 112;

    private Snapshot() {}
  }

  /** {@code struct tcp_time_wait}. */
  public static final class TimeWait {
    static final int HEADER = 0;
    public static final int SUBSTATE = 4;
    public static final int SOCKET_ID = 8;
    public static final int BYTES = 16;

    private TimeWait() {}
  }

  /** {@code struct tcp_socket}, of which the agent writes the socket's id and zeros. */
  public static final class Mark {
    public static final int SOCKET_ID = 0;
    public static final int LISTENER_ID = 8;
    public static final int SINCE_NS = 16;
    public static final int STATE = 24;
    static final int TASK_ID = 28;
    static final int TASK_NAME = 32;
    static final int PENDING = 48;
    public static final int CLOSER = 52;
    static final int ADOPTED = 56;
    static final int LEFT = 60;
    public static final int RETRANSMITS = 64;
    static final int RESETS_SEEN = 68;
    public static final int DUE = 72;
    static final int LISTED = 76;
    static final int PENDING_OLD_SINCE_NS = 80;
    public static final int OPENED_NS = 88;
    public static final int ESTABLISHED_NS = 96;
    public static final int IN_STATE = 104;
    public static final int BYTES = 136;

    private Mark() {}
  }

  /** {@code struct tcp_ports}. */
  public static final class Ports {
    public static final int LOCAL = 0;
    public static final int REMOTE = 65536;
    public static final int BYTES = 131072;

    private Ports() {}
  }

  /** {@code struct tcp_control}. */
  public static final class Control {
    public static final int PIDNS_DEV = 0;
    public static final int PIDNS_INO = 8;
    public static final int PID = 16;
    public static final int RECORDING = 20;
    public static final int WAKEUP_BYTES = 24;
    public static final int NETNS_INO = 32;
    public static final int FILTERED = 36;
    public static final int IPV4 = 40;
    public static final int IPV6 = 44;
    public static final int LOOPBACK = 48;
    public static final int LISTING = 52;
    public static final int TIME_WAIT = 56;
    public static final int ADOPT = 60;
    public static final int BYTES = 64;

    private Control() {}
  }

  /** {@code struct tcp_counters}. */
  public static final class CpuCounters {
    public static final int SOCKETS = 0;
    public static final int TRANSITIONS = 128;
    public static final int SETTLED = 136;
    public static final int RECORDS_LOST = 144;
    public static final int ENDS_LOST = 152;
    public static final int CONNECTIONS_LOST = 160;
    public static final int RETRANSMITS_LOST = 168;
    public static final int RESETS_LOST = 176;
    public static final int SKIPPED = 184;
    public static final int RETRANSMITS_SKIPPED = 192;
    public static final int NO_MEMORY = 200;
    public static final int DUE_TRANSITIONS = 208;
    public static final int DUE_CONNECTIONS = 216;
    public static final int OTHER_NETNS = 224;
    static final int RESERVED = 232;
    public static final int BYTES = 256;

    private CpuCounters() {}
  }
}
