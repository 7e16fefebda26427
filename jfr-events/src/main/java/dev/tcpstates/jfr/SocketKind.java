// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** How a socket was created, by the names that the events' field {@code kind} has. */
public enum SocketKind {
  /** This side connects, or tries to. */
  CONNECT,
  /** The connection came to a listener of this JVM, whether {@code accept} returned it or not. */
  ACCEPT,
  LISTEN,
  /** The socket was open before the agent started. */
  ADOPTED
}
