// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/**
 * What the events of one socket have in common. In every event, a text is null, a number 0 and a
 * duration zero if it is unknown, does not apply, or the recording's version did not have it; a
 * duration that is {@link NullIfUnknown} is null.
 */
public interface SocketEvent {
  /** Cookie of the socket, which {@code ss -e} shows in hex as {@code sk:}. */
  long socketId();

  /** IP address of this side. */
  String localAddress();

  /** 0 to 65535, 0 before a port is bound. */
  int localPort();

  /** IP address of the remote side; null for a listener's queue, which has none. */
  String address();

  /** 0 to 65535, 0 if there is no remote side. */
  int port();

  /**
   * The frames that opened the socket, the application's own first, in at most 127 characters: see
   * {@link OpenedBy}.
   */
  String openedBy();

  /** Name of the thread that opened the socket. */
  String openThread();

  /** Java's id of that thread. */
  long openThreadId();

  /** Key to the {@link OpenSiteInfo} with the whole stack. */
  long openSiteId();
}
