// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

/** One way to open sockets: a row of the matrix. Closes all that it opens. */
interface Opener {
  void run() throws Exception;

  /** This JVM or this machine lacks it; the message says what. */
  final class Unavailable extends Exception {
    private static final long serialVersionUID = 1L;

    Unavailable(String message) {
      super(message);
    }
  }
}
