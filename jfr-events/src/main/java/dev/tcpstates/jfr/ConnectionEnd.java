// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

/** How a connection ended, by the names that the event's field {@code end} has. */
public enum ConnectionEnd {
  /** Both sides closed it. */
  FIN,
  RESET_BY_REMOTE,
  RESET_BY_LOCAL,
  /** No listener had the port, or a firewall rejected the attempt to connect. */
  REFUSED,
  TIMEOUT,
  /** No route, an unreachable host or a network that is down. */
  UNREACHABLE,
  /** No local port, or none for this remote side, was free. */
  NO_LOCAL_PORT,
  /** A route, a firewall or a security policy of this machine forbids the connection. */
  DENIED,
  /** This side closed the socket before the connection was established. */
  ABANDONED,
  /** Another error, which {@link ConnectionInfo#reason} names. */
  ERROR,
  /** The connection ended between two polls. */
  UNKNOWN
}
