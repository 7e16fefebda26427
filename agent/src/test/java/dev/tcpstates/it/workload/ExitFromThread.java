// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Ends with exit code 8 from another thread, while main waits in accept. */
public final class ExitFromThread {
  private ExitFromThread() {}

  public static void main(String[] args) throws Exception {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> System.out.println("the application's shutdown hook")));
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    new Thread(
            () -> {
              try {
                new Socket(listener.getInetAddress(), listener.getLocalPort());
                System.exit(8);
              } catch (Exception e) {
                e.printStackTrace();
              }
            })
        .start();
    listener.accept();
    listener.accept();
  }
}
