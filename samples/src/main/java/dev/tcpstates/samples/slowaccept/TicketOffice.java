// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.slowaccept;

import dev.tcpstates.jfr.ConnectionInfo;
import dev.tcpstates.samples.Recorded;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sells tickets to clients that all connect at once. The bug: it sells in the thread that accepts,
 * so the next client waits in the kernel's accept queue. That client is connected and finds the
 * server slow, and the server does not know of it yet.
 */
public final class TicketOffice {
  private static final int CLIENTS = 5;

  /** Time that it takes to sell a ticket. */
  private static final int SALE_MILLIS = 100;

  public static void main(String[] args) throws Exception {
    try (ServerSocket office = new ServerSocket(0, CLIENTS, InetAddress.getByName("127.0.0.1"))) {
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Socket(office.getInetAddress(), office.getLocalPort()));
      }
      for (int i = 0; i < CLIENTS; i++) {
        Socket client = office.accept(); // one after the other,
        sell(client); // THE WAIT: for all clients in the queue
      }
      for (Socket client : clients) {
        client.getInputStream().read(); // the ticket
        client.close();
      }
    }
    showWaits();
  }

  private static void sell(Socket client) throws IOException, InterruptedException {
    Thread.sleep(SALE_MILLIS);
    client.getOutputStream().write('T');
    client.close();
  }

  private static void showWaits() throws IOException {
    List<ConnectionInfo> accepted =
        Recorded.upToNow().connections().stream()
            .filter(ConnectionInfo::accepted)
            .sorted(Comparator.comparing(ConnectionInfo::acceptQueueWait))
            .toList();
    System.out.printf("%d clients came at once. They waited to be accepted:%n%n", accepted.size());
    for (ConnectionInfo client : accepted) {
      System.out.printf(
          "  %s:%d for %8s, accepted by %s%n",
          client.address(),
          client.port(),
          Recorded.millis(client.acceptQueueWait()),
          Recorded.line(client.openedBy()));
    }
  }

  private TicketOffice() {}
}
