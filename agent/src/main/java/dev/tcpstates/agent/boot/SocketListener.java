// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.boot;

import java.io.FileDescriptor;
import java.net.InetAddress;
import java.net.SocketImpl;

/** What the agent does when a socket is opened; called in the opening thread. */
public interface SocketListener {
  /** A socket that will connect. */
  int CONNECT = 0;

  /** A socket that will listen. */
  int LISTEN = 1;

  /** A socket that {@code accept} returned. */
  int ACCEPT = 2;

  /** A socket that will connect or listen: the opening stack says which. */
  int CONNECT_OR_LISTEN = 3;

  /**
   * A socket was opened and can't have been used yet.
   *
   * @param kind {@link #CONNECT}, {@link #LISTEN} or {@link #ACCEPT}
   */
  void opened(FileDescriptor fd, int kind);

  /**
   * The same by the descriptor's number.
   *
   * @param kind {@link #CONNECT_OR_LISTEN} or {@link #ACCEPT}
   */
  void opened(int fd, int kind);

  /** A connect has failed in its system call. */
  void connectFailed(FileDescriptor fd, InetAddress remote, int port, Throwable failure);

  /**
   * The same by the numbers of the descriptor and of the error.
   *
   * @param errno positive
   */
  void connectFailed(int fd, InetAddress remote, int port, int errno);

  /** A {@code ServerSocket} accepted into this socket. */
  void accepted(SocketImpl socket);
}
