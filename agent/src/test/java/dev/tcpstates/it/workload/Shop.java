// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.ServerSocket;
import unlisted.client.Client;

/** Uses a library in its own thread, and in the library's. */
public final class Shop {
  private Shop() {}

  public static void main(String[] args) throws Exception {
    try (ServerSocket server = listen()) {
      Thread first = Client.accepting(server);
      Client.connect(server);
      first.join();
      Thread second = Client.accepting(server);
      Client.connecting(server).join();
      second.join();
    }
  }

  private static ServerSocket listen() throws Exception {
    return new ServerSocket(0);
  }
}
