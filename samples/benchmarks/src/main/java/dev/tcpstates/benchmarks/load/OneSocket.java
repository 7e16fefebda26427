// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A program that opens a socket. */
public final class OneSocket {
  private OneSocket() {}

  public static void main(String[] arguments) throws IOException {
    new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
  }
}
