// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Connections that last 100 ms on purpose, "slow", and others that are over in less than 40 ms,
 * "quick"; those that only came out slow are not printed.
 */
public final class QuickAndSlow {
  private QuickAndSlow() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, loopback)).log("listener");
    ServerSocket server = listener.socket();
    int quick = 0;
    // On a busy machine few are quick; some are needed.
    for (int i = 0; i < 20 || quick < 5 && i < 500; i++) {
      boolean slow = i % 10 == 9;
      long begin = System.nanoTime();
      Socket client = new Socket(loopback, server.getLocalPort());
      Socket accepted = server.accept();
      int clientPort = client.getLocalPort();
      if (slow) {
        Thread.sleep(100);
      }
      client.close();
      accepted.getInputStream().read();
      accepted.close();
      Kernel.awaitClosed(server.getLocalPort());
      long millis = (System.nanoTime() - begin) / 1_000_000;
      if (slow || millis < 40) {
        quick += slow ? 0 : 1;
        String role = slow ? "slow" : "quick";
        Opened.logUnknown(role, clientPort, server.getLocalPort());
        Opened.logUnknown(role, server.getLocalPort(), clientPort);
      }
    }
    server.close();
  }
}
