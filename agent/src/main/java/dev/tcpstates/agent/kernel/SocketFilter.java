// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Which sockets are recorded: those that each of the tests includes.
 *
 * @param localPorts of this side
 * @param remotePorts of the other side
 * @param ipv4 whether those with IPv4 addresses pass, mapped into IPv6 or not
 * @param ipv6 whether those with other addresses pass
 * @param loopback whether those pass that have an address of the loopback network
 */
public record SocketFilter(
    Ports localPorts, Ports remotePorts, boolean ipv4, boolean ipv6, boolean loopback) {
  /** Lets all pass. */
  public static final SocketFilter ALL = new SocketFilter(Ports.ALL, Ports.ALL, true, true, true);

  /** The tests that a user can set, by their names in options and settings. */
  public static final List<String> KEYS =
      List.of("localPorts", "remotePorts", "family", "loopback");

  /**
   * This filter with one test set anew. Several values of a test, with {@code ;} between them, let
   * pass what one of them does.
   *
   * @param key one of {@link #KEYS}
   * @throws IllegalArgumentException if the value is not valid; the message says what is
   */
  public SocketFilter with(String key, String value) {
    return switch (key) {
      case "localPorts" -> new SocketFilter(Ports.parse(value), remotePorts, ipv4, ipv6, loopback);
      case "remotePorts" -> new SocketFilter(localPorts, Ports.parse(value), ipv4, ipv6, loopback);
      case "family" -> {
        List<String> families = values(value, "4", "6");
        yield new SocketFilter(
            localPorts, remotePorts, families.contains("4"), families.contains("6"), loopback);
      }
      case "loopback" -> {
        boolean wanted = values(value, "true", "false").contains("true");
        yield new SocketFilter(localPorts, remotePorts, ipv4, ipv6, wanted);
      }
      default -> throw new IllegalArgumentException("there is no test " + key);
    };
  }

  private static List<String> values(String text, String one, String other) {
    List<String> values = new ArrayList<>();
    for (String value : text.split(";", -1)) {
      String stripped = value.strip();
      if (!stripped.equals(one) && !stripped.equals(other)) {
        throw new IllegalArgumentException("it is one of " + one + ", " + other);
      }
      values.add(stripped);
    }
    return values;
  }

  /** Lets pass what both do. */
  public SocketFilter and(SocketFilter other) {
    return new SocketFilter(
        localPorts.and(other.localPorts),
        remotePorts.and(other.remotePorts),
        ipv4 && other.ipv4,
        ipv6 && other.ipv6,
        loopback && other.loopback);
  }

  /**
   * Whether a socket passes.
   *
   * @param localPort 0 if none is chosen yet
   * @param remotePort 0 if there is no peer
   * @param localHigh the first eight bytes of the local address as IPv6, in network order
   * @param localLow the last eight
   * @param remoteHigh the same of the remote address
   * @param remoteLow the same of the remote address
   */
  public boolean includes(
      int localPort,
      int remotePort,
      long localHigh,
      long localLow,
      long remoteHigh,
      long remoteLow) {
    // As the kernel side has it: a listener for both families is IPv6, as is its address.
    boolean isIpv4 = isIpv4(localHigh, localLow) || isIpv4(remoteHigh, remoteLow);
    return localPorts.contains(localPort)
        && remotePorts.contains(remotePort)
        && (isIpv4 ? ipv4 : ipv6)
        && (loopback || !isLoopback(localHigh, localLow) && !isLoopback(remoteHigh, remoteLow));
  }

  private static boolean isIpv4(long high, long low) {
    return high == 0 && low >>> Integer.SIZE == 0xffff;
  }

  private static boolean isLoopback(long high, long low) {
    return isIpv4(high, low) ? (low >>> 24 & 0xff) == 127 : high == 0 && low == 1;
  }

  /** Whether it lets all pass. */
  public boolean isAll() {
    return localPorts.isAll() && remotePorts.isAll() && ipv4 && ipv6 && loopback;
  }

  /** By itself, a record's would load a hundred classes of the JDK, and fail without memory. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SocketFilter that
        && localPorts.equals(that.localPorts)
        && remotePorts.equals(that.remotePorts)
        && ipv4 == that.ipv4
        && ipv6 == that.ipv6
        && loopback == that.loopback;
  }

  @Override
  public int hashCode() {
    return (localPorts.hashCode() * 31 + remotePorts.hashCode()) * 8
        + (ipv4 ? 4 : 0)
        + (ipv6 ? 2 : 0)
        + (loopback ? 1 : 0);
  }

  /** The tests that don't let all pass, as options. */
  @Override
  public String toString() {
    List<String> tests = new ArrayList<>();
    if (!localPorts.isAll()) {
      tests.add("localPorts=" + localPorts);
    }
    if (!remotePorts.isAll()) {
      tests.add("remotePorts=" + remotePorts);
    }
    if (!ipv4 || !ipv6) {
      tests.add("family=" + (ipv4 ? "4" : "6"));
    }
    if (!loopback) {
      tests.add("loopback=false");
    }
    return String.join(",", tests);
  }
}
