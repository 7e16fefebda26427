// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/**
 * What the events of one socket have in common; not every event has all of it. In every event, a
 * text is null, a number 0 and a duration zero if it is unknown, does not apply, or the recording's
 * version did not have it; a duration that is {@link NullIfUnknown} is null.
 */
public interface SocketEvent {
  /** Cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}. */
  long socketId();

  /** IP address of this side. */
  default String localAddress() {
    return null;
  }

  /** 0 to 65535, 0 before a port is bound. */
  default int localPort() {
    return 0;
  }

  /** IP address of the remote side; null if there is none. */
  default String address() {
    return null;
  }

  /** 0 to 65535, 0 if there is no remote side. */
  default int port() {
    return 0;
  }

  /**
   * The frames that opened the socket, the application's own first, in at most 127 characters: see
   * {@link OpenedBy}.
   */
  default String openedBy() {
    return null;
  }

  /** Name of the thread that opened the socket. */
  String openThread();

  /** The opener, with the thread's name where no frame is the application's; null if unknown. */
  default String openerAndThread() {
    return OpenedBy.withThread(openedBy(), openThread());
  }

  /** Java's id of that thread. */
  default long openThreadId() {
    return 0;
  }

  /** Key to the {@link OpenSiteInfo} with the whole stack. */
  long openSiteId();
}
