// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** One way to write an address, whoever saw it; IPv4 mapped into IPv6 is IPv4. */
final class Addresses {
  private Addresses() {}

  static String normal(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Null for what is no address, such as one that was cut to fit a column. */
  static String normal(String address) {
    if (!address.matches("[0-9a-f:.]+")) {
      return null; // it would be asked for as a name
    }
    try {
      return InetAddress.getByName(address).getHostAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Whether it stands for all addresses of the machine. */
  static boolean isAny(String normal) {
    return normal.equals("0.0.0.0") || normal.equals("0:0:0:0:0:0:0:0");
  }
}
