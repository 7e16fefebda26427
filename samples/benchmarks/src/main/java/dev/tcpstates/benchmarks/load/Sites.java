// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.Socket;

/**
 * Up to 1,024 call sites that open sockets. Each of ten frames is in one of two calls, so all
 * stacks have the same depth, and all take equally long to walk.
 */
final class Sites {
  /** Opens a socket. */
  interface Opener {
    Socket open() throws IOException;
  }

  static final int MOST = 1 << 10;
  private static final int LEVELS = 10;

  private Sites() {}

  /**
   * Opens a socket.
   *
   * @param site the place, 0 to {@link #MOST} - 1
   */
  static Socket open(int site, Opener opener) throws IOException {
    return open(site, LEVELS, opener);
  }

  private static Socket open(int site, int level, Opener opener) throws IOException {
    if (level == 0) {
      return opener.open();
    }
    if ((site & 1) == 0) {
      return open(site >> 1, level - 1, opener);
    }
    return open(site >> 1, level - 1, opener);
  }
}
