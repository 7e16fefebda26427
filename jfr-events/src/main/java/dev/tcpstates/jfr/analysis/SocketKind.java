// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

/** How a socket came to be, by the names that the events' field {@code kind} has. */
public enum SocketKind {
  /** This side connects, or tries to. */
  CONNECT,
  /** The connection came to a listener of this JVM, whether it was accepted or not. */
  ACCEPT,
  LISTEN,
  /** The socket was open before the agent started. */
  ADOPTED;

  /** The kind with this name; null for a name that is none, or null. */
  static SocketKind named(String name) {
    for (SocketKind kind : values()) {
      if (kind.name().equals(name)) {
        return kind;
      }
    }
    return null;
  }
}
