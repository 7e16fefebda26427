// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.bpf;

import dev.tcpstates.agent.bpf.Layout.Open;
import java.nio.ByteBuffer;

/** A socket that is open now: {@code struct tcp_open}. */
public final class OpenView extends RecordView {
  OpenView(ByteBuffer memory) {
    super(memory);
  }

  /** The socket's cookie. */
  public long socketId() {
    return number(Open.SOCKET_ID);
  }

  /** The cookie of the listener that it was accepted from, or 0. */
  public long listenerId() {
    return number(Open.LISTENER_ID);
  }

  /** The kernel's number of the state; that of CLOSE if the socket has not been used yet. */
  public int state() {
    return unsignedByte(Open.STATE);
  }

  /** Whether it became this JVM's when it was listed first, and not when it was opened. */
  public boolean adopted() {
    return unsignedByte(Open.ADOPTED) != 0;
  }

  /** Whether the agent's filter leaves it out of what is recorded. */
  public boolean leftOut() {
    return unsignedShort(Open.LEFT_OUT) != 0;
  }

  /** The descriptor. */
  public int fd() {
    return integer(Open.FD);
  }

  /** When it entered the state, in ns of {@code System.nanoTime()}; 0 if that isn't known. */
  public long since() {
    return number(Open.SINCE_NS);
  }

  /** The first (0) or last (1) eight bytes of the local address, in network order. */
  public long localAddress(int half) {
    return half(Open.LOCAL_ADDR, half);
  }

  /** The first (0) or last (1) eight bytes of the remote address, in network order. */
  public long remoteAddress(int half) {
    return half(Open.REMOTE_ADDR, half);
  }

  /** 0 to 65535. */
  public int localPort() {
    return unsignedShort(Open.LOCAL_PORT);
  }

  /** 0 to 65535; 0 if there is no peer. */
  public int remotePort() {
    return unsignedShort(Open.REMOTE_PORT);
  }
}
