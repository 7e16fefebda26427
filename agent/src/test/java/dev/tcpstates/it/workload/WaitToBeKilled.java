// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;

/** Waits in accept for a signal. */
public final class WaitToBeKilled {
  private WaitToBeKilled() {}

  public static void main(String[] args) throws Exception {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> System.out.println("the application's shutdown hook")));
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.out.println("waiting");
      listener.accept();
    }
  }
}
