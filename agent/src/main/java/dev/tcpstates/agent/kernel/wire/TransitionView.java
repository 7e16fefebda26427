// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import java.nio.ByteBuffer;

/** One transition of a socket: {@code struct tcp_transition}. */
public final class TransitionView extends RecordView implements AddressedRecord {
  /** Where the fields lie in {@code struct tcp_transition}. */
  public static final class Offsets {
    public static final int HEADER = 0;
    public static final int TASK_ID = 4;
    public static final int SOCKET_ID = 8;
    public static final int LISTENER_ID = 16;
    public static final int TIME_NS = 24;
    public static final int OLD_SINCE_NS = 32;
    public static final int UNCERTAINTY_NS = 40;
    public static final int LOCAL_ADDR = 48;
    public static final int REMOTE_ADDR = 64;
    public static final int LOCAL_PORT = 80;
    public static final int REMOTE_PORT = 82;
    public static final int OLD_STATE = 84;
    public static final int NEW_STATE = 85;
    public static final int ERROR = 86;
    public static final int ACCEPTED = 87;
    public static final int TASK_NAME = 88;
    public static final int BYTES = 104;

    private Offsets() {}
  }

  TransitionView(ByteBuffer memory, long clockOffset) {
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

  /** When it entered the new state, in ns of {@code System.nanoTime()}. */
  public long time() {
    return time(Offsets.TIME_NS);
  }

  /** When it entered the old state, likewise; 0 if that isn't known. */
  public long oldSince() {
    return time(Offsets.OLD_SINCE_NS);
  }

  /** By how many ns the transition may have been earlier than {@link #time}. */
  public long uncertainty() {
    return number(Offsets.UNCERTAINTY_NS);
  }

  /** The first or last eight bytes of the local address, in network order. */
  @Override
  public long localAddress(int half) {
    return half(Offsets.LOCAL_ADDR, half);
  }

  /** The first or last eight bytes of the remote address, in network order. */
  @Override
  public long remoteAddress(int half) {
    return half(Offsets.REMOTE_ADDR, half);
  }

  /** 0 to 65535; 0 if none is chosen yet. */
  @Override
  public int localPort() {
    return unsignedShort(Offsets.LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  @Override
  public int remotePort() {
    return unsignedShort(Offsets.REMOTE_PORT);
  }

  /** The kernel's number of the state. */
  public int oldState() {
    return unsignedByte(Offsets.OLD_STATE);
  }

  /** The kernel's number of the state. */
  public int newState() {
    return unsignedByte(Offsets.NEW_STATE);
  }

  /** The socket's error at CLOSE, an errno; 0 for none. */
  public int error() {
    return unsignedByte(Offsets.ERROR);
  }

  /** Whether accept has returned it, in whatever process, and that has not closed it. */
  public boolean accepted() {
    return unsignedByte(Offsets.ACCEPTED) != 0;
  }

  /** The process that was on the CPU; 0 if it is of another PID namespace than this JVM. */
  public int taskId() {
    return integer(Offsets.TASK_ID);
  }

  /** The first or last eight bytes of the name of the task that was on the CPU, in order. */
  public long taskName(int half) {
    return half(Offsets.TASK_NAME, half);
  }

  /** This record, apart from the memory that it lies in. */
  TransitionView copy() {
    return new TransitionView(bytes(Offsets.BYTES), clockOffset());
  }
}
