// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.SocketEvent;
import java.time.Duration;
import java.util.Locale;

/** Formats values for people. */
public final class Words {
  private Words() {}

  /** Such as {@code 127.0.0.1:45678 > 192.0.2.1:443}; IPv6 addresses in brackets. */
  public static String addresses(SocketEvent event) {
    if (event.localAddress() == null && event.address() == null) {
      return "a socket of unknown address";
    }
    String here = address(event.localAddress(), event.localPort());
    return event.port() == 0 ? here : here + " > " + address(event.address(), event.port());
  }

  /** Such as {@code [::1]:443}. */
  public static String address(String address, int port) {
    String host = address == null ? "?" : address;
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** The constant's name; null if it is unknown. */
  public static String name(Enum<?> constant) {
    return constant == null ? null : constant.name();
  }

  /** Three digits and a unit from ns to h, such as {@code 1.25 ms}. */
  public static String duration(Duration duration) {
    double nanos = duration.getSeconds() * 1e9 + duration.getNano();
    String[] units = {"ns", "us", "ms", "s"};
    int unit = 0;
    while (unit < 3 && nanos >= 999.5) {
      nanos /= 1_000;
      unit++;
    }
    if (unit == 3 && nanos >= 119.5) {
      return nanos < 119.5 * 60 ? digits(nanos / 60) + " min" : digits(nanos / 3_600) + " h";
    }
    return digits(nanos) + " " + units[unit];
  }

  private static String digits(double value) {
    int decimals = value == Math.rint(value) || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** Such as {@code 12.5 kB}; a kB is 1000 bytes. */
  public static String bytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = bytes;
    int unit = 0;
    while (value >= 999.5) {
      value /= 1_000;
      unit++;
    }
    return digits(value) + " " + units[unit];
  }

  /**
   * Such as {@code 1 socket}, {@code 1,234 sockets}; the plural s goes to the last word, or to the
   * one before "in".
   */
  public static String count(long count, String one) {
    String many = one.contains(" in ") ? one.replace(" in ", "s in ") : one + "s";
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }
}
