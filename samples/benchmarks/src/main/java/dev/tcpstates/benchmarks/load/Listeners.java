// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where the load's servers listen. */
final class Listeners {
  /**
   * Each has 28,000 ports for its clients; together they stay below the kernel's limit of
   * connections in TIME_WAIT, beyond which it would leave that state out.
   */
  static final int ADDRESSES = 4;

  static final int BACKLOG = 1024;

  private Listeners() {}

  /** An address for a server; the kernel chooses the port. */
  static InetSocketAddress address(int number) throws IOException {
    return new InetSocketAddress(
        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (1 + number % ADDRESSES)}), 0);
  }
}
