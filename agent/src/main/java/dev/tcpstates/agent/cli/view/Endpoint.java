// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.SocketEvent;

/** Addresses as text. */
public final class Endpoint {
  private Endpoint() {}

  /** Returns {@code address:port}, with an IPv6 address in brackets. */
  public static String text(String address, int port) {
    String host = address == null ? "-" : address;
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Returns 4 or 6, or 0 if no address is known; 4 also for IPv4 through an IPv6 socket. */
  public static int ipVersion(SocketEvent event) {
    return ipVersion(event.localAddress(), event.address());
  }

  /** Returns the same for the addresses of both sides, either of which may be null. */
  public static int ipVersion(String localAddress, String remoteAddress) {
    String address = localAddress == null ? remoteAddress : localAddress;
    if (address == null) {
      return 0;
    }
    return address.indexOf(':') < 0 || address.startsWith("::ffff:") && address.indexOf('.') > 0
        ? 4
        : 6;
  }

  /** Returns the IP version for a column, or {@code null} if no address is known. */
  public static String ipVersionText(SocketEvent event) {
    int version = ipVersion(event);
    return version == 0 ? null : Integer.toString(version);
  }
}
