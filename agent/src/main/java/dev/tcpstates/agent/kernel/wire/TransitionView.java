// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.wire;

import dev.tcpstates.agent.kernel.wire.Layout.Transition;
import java.nio.ByteBuffer;

/** One transition of a socket: {@code struct tcp_transition}. */
public final class TransitionView extends RecordView {
  TransitionView(ByteBuffer memory) {
    super(memory);
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Transition.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Transition.LISTENER_ID);
  }

  /** When it entered the new state, in ns of {@code System.nanoTime()}. */
  public long time() {
    return number(Transition.TIME_NS);
  }

  /** When it entered the old state, likewise; 0 if that isn't known. */
  public long oldSince() {
    return number(Transition.OLD_SINCE_NS);
  }

  /** By how many ns the transition may have been earlier than {@link #time}. */
  public long uncertainty() {
    return number(Transition.UNCERTAINTY_NS);
  }

  /** The first or last eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Transition.LOCAL_ADDR, half);
  }

  /** The first or last eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Transition.REMOTE_ADDR, half);
  }

  /** 0 to 65535; 0 if none is chosen yet. */
  public int localPort() {
    return unsignedShort(Transition.LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return unsignedShort(Transition.REMOTE_PORT);
  }

  /** The kernel's number of the state. */
  public int oldState() {
    return unsignedByte(Transition.OLD_STATE);
  }

  /** The kernel's number of the state. */
  public int newState() {
    return unsignedByte(Transition.NEW_STATE);
  }

  /** The socket's error at CLOSE, an errno; 0 for none. */
  public int error() {
    return unsignedShort(Transition.ERROR);
  }

  /** The process that was on the CPU, in the first PID namespace. */
  public int taskId() {
    return integer(Transition.TASK_ID);
  }

  /** The first or last eight bytes of the name of the task that was on the CPU, in order. */
  public long taskName(int half) {
    return half(Transition.TASK_NAME, half);
  }
}
