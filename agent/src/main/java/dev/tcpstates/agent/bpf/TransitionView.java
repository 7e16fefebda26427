// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Transition;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one {@code struct tcp_transition} where it lies, without copying it. */
public final class TransitionView {
  private final ByteBuffer memory;
  private int at;

  TransitionView(ByteBuffer memory) {
    this.memory = memory;
  }

  TransitionView at(int offset) {
    at = offset;
    return this;
  }

  /** The socket's cookie. */
  public long socketId() {
    return memory.getLong(at + Transition.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return memory.getLong(at + Transition.LISTENER_ID);
  }

  /** When it entered the new state, in ns of {@code System.nanoTime()}. */
  public long time() {
    return memory.getLong(at + Transition.TIME_NS);
  }

  /** When it entered the old state, likewise; 0 if that isn't known. */
  public long oldSince() {
    return memory.getLong(at + Transition.OLD_SINCE_NS);
  }

  /** By how many ns the transition may have been earlier than {@link #time}. */
  public long uncertainty() {
    return memory.getLong(at + Transition.UNCERTAINTY_NS);
  }

  /** The first or last eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return address(Transition.LOCAL_ADDR, half);
  }

  /** The first or last eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return address(Transition.REMOTE_ADDR, half);
  }

  /** 0 to 65535; 0 if none is chosen yet. */
  public int localPort() {
    return Short.toUnsignedInt(memory.getShort(at + Transition.LOCAL_PORT));
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return Short.toUnsignedInt(memory.getShort(at + Transition.REMOTE_PORT));
  }

  /** The kernel's number of the state. */
  public int oldState() {
    return Byte.toUnsignedInt(memory.get(at + Transition.OLD_STATE));
  }

  /** The kernel's number of the state. */
  public int newState() {
    return Byte.toUnsignedInt(memory.get(at + Transition.NEW_STATE));
  }

  /** The socket's error at CLOSE, an errno; 0 for none. */
  public int error() {
    return Short.toUnsignedInt(memory.getShort(at + Transition.ERROR));
  }

  /** The process that was on the CPU, in the first PID namespace. */
  public int taskId() {
    return memory.getInt(at + Transition.TASK_ID);
  }

  /** The first or last eight bytes of the name of the task that was on the CPU, in order. */
  public long taskName(int half) {
    return address(Transition.TASK_NAME, half);
  }

  private long address(int field, int half) {
    long value = memory.getLong(at + field + half * Long.BYTES);
    return memory.order() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value);
  }
}
