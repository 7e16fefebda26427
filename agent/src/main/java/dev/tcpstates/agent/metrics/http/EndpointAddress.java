// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the metrics are served.
 *
 * @param address an IP address and a port, or the path of a unix socket
 */
public record EndpointAddress(SocketAddress address) {
  /** What {@link #parse} takes, in words. */
  public static final String VALID =
      "an IP address and a port such as 127.0.0.1:9464 or [::1]:9464, or the absolute path of a"
          + " unix socket";

  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

  /**
   * Parses an IP address and a port, or an absolute path. No name is looked up.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static EndpointAddress parse(String text) {
    if (text.startsWith("/")) {
      try {
        return new EndpointAddress(UnixDomainSocketAddress.of(Path.of(text)));
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException(e);
      }
    }
    Matcher matcher =
        Pattern.compile(
                "(localhost|"
                    + OCTET
                    + "(?:\\."
                    + OCTET
                    + "){3}|\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*])"
                    + ":([0-9]{1,5})")
            .matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65535) {
      throw new IllegalArgumentException(text);
    }
    String host = matcher.group(1);
    try {
      InetAddress address =
          host.equals("localhost")
              ? InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1})
              : InetAddress.getByName(host);
      return new EndpointAddress(
          new InetSocketAddress(address, Integer.parseInt(matcher.group(2))));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Whether processes of other machines may reach it. */
  public boolean isRemote() {
    return address instanceof InetSocketAddress inet && !inet.getAddress().isLoopbackAddress();
  }

  /** Whether it is a unix socket. */
  boolean isUnix() {
    return address instanceof UnixDomainSocketAddress;
  }

  /** As {@link #parse} takes it. */
  @Override
  public String toString() {
    if (address instanceof InetSocketAddress inet) {
      String host = inet.getAddress().getHostAddress();
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    return address.toString();
  }
}
