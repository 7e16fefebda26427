// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports below those that the kernel hands out by itself: who sees such a port at either end of a
 * socket knows whose socket it is.
 */
final class Ports {
  private static final int FIRST = 16_000;
  private static final int LAST = 32_000;
  private static final int TRIES = 100;

  private Ports() {}

  /** Something that binds a socket. */
  interface Binding {
    void to(InetSocketAddress local) throws IOException;
  }

  /** Binds to such a port. */
  static void bind(InetAddress address, Binding binding) throws IOException {
    for (int i = 1; ; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try {
        binding.to(new InetSocketAddress(address, port));
        return;
      } catch (BindException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }
}
