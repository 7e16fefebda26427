// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

/**
 * Where the fields of {@code tcpstates.h} lie, in bytes. A unit test compares every number here
 * with the BTF of the object that is shipped.
 */
public final class Layout {
  public static final int VERSION = 2;

  /**
   * Stands for the layout of all that a JVM reads and writes in node mode, where its agent may be
   * of another release than the programs. A unit test computes it from the object's BTF.
   */
  public static final int SHARED = 0x12a143cd;

  public static final int KIND_TRANSITION = 1;
  public static final int KIND_END = 2;
  public static final int KIND_CONNECTION = 4;
  public static final int KIND_RETRANSMIT = 5;
  public static final int KIND_RESET = 6;
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

  /** {@code struct tcp_end}. */
  public static final class End {
    public static final int HEADER = 0;
    public static final int OLD_STATE = 4;
    public static final int SOCKET_ID = 8;
    public static final int BYTES = 16;

    private End() {}
  }

  /** {@code struct tcp_time_wait}. */
  public static final class TimeWait {
    public static final int HEADER = 0;
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
    public static final int TASK_ID = 28;
    public static final int TASK_NAME = 32;
    public static final int PENDING = 48;
    public static final int CLOSER = 52;
    public static final int ADOPTED = 56;
    public static final int LEFT = 60;
    public static final int RETRANSMITS = 64;
    public static final int RESETS_SEEN = 68;
    public static final int DUE = 72;
    public static final int LISTED = 76;
    public static final int PENDING_OLD_SINCE_NS = 80;
    public static final int OPENED_NS = 88;
    public static final int ESTABLISHED_NS = 96;
    public static final int IN_STATE = 104;
    public static final int IDLE_NS = 136;
    public static final int BYTES = 144;

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
    public static final int TICK_NS = 64;
    public static final int RESERVED = 68;
    public static final int BYTES = 72;

    private Control() {}
  }

  /** How the pages of a JVM follow each other in node mode: {@code union tcp_page}, by number. */
  public static final class Pages {
    public static final int CONTROL = 0;
    public static final int PORTS = 1;
    public static final int COUNTERS = 513;
    public static final int BYTES = 256;

    private Pages() {}
  }

  /** {@code struct tcp_process}. */
  public static final class Process {
    public static final int TGID = 0;
    public static final int PIDNS_INO = 4;
    public static final int START_NS = 8;
    public static final int EXEC_ID = 16;
    public static final int BYTES = 24;

    private Process() {}
  }

  /** {@code struct tcp_jvm}. */
  public static final class Jvm {
    public static final int OWNER = 0;
    public static final int START_NS = 8;
    public static final int EXEC_ID = 16;
    public static final int RING_BYTES = 24;
    public static final int UID = 28;
    public static final int PIDNS_DEV = 32;
    public static final int PIDNS_INO = 36;
    public static final int BYTES = 40;

    private Jvm() {}
  }

  /** {@code struct tcp_given}. */
  public static final class Given {
    public static final int NAME = 0;
    public static final int SIZE = 16;
    public static final int BYTES = 24;

    private Given() {}
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
    public static final int RESERVED = 232;
    public static final int BYTES = 256;

    private CpuCounters() {}
  }
}
