// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;

/** Ends with an exception in main. */
public final class ThrowInMain {
  private ThrowInMain() {}

  public static void main(String[] args) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.out.println("listening " + (listener.getLocalPort() > 0));
      throw new IllegalStateException("thrown in main");
    }
  }
}
