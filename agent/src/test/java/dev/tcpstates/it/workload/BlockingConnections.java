// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Connections to itself with {@code Socket} and {@code ServerSocket}, one after the other. Of those
 * with an even number the client closes first, of the others the server, and the second closes only
 * when it has seen that.
 *
 * <p>Arguments: the address to listen at, the address to connect to, how many, and {@code virtual}
 * to connect in virtual threads. Starts at a line on standard input.
 */
public final class BlockingConnections {
  private BlockingConnections() {}

  public static void main(String[] args) throws Exception {
    InetAddress listenAt = InetAddress.getByName(args[0]);
    InetAddress connectTo = InetAddress.getByName(args[1]);
    int count = Integer.parseInt(args[2]);
    boolean virtual = args.length > 3;

    ServerSocket server = Opened.here(new ServerSocket(0, 50, listenAt)).log("listener").socket();
    System.in.read();
    Thread acceptor = Threads.start("acceptor", () -> serve(server, count));
    for (int i = 0; i < count; i++) {
      boolean first = i % 2 == 0;
      Threads.Task client = () -> connect(connectTo, server.getLocalPort(), first);
      Threads.join(
          virtual
              ? Threads.startVirtual("client-" + i, client)
              : Threads.start("client-" + i, client));
    }
    Threads.join(acceptor);
    Kernel.awaitClosed(server.getLocalPort());
    server.close();
  }

  private static void serve(ServerSocket server, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      boolean first = i % 2 != 0;
      Opened<Socket> accepted = Opened.here(server.accept());
      try (Socket socket = accepted.socket()) {
        accepted.log(first ? "server closing first" : "server closing last");
        socket.getOutputStream().write(socket.getInputStream().read());
        if (!first) {
          awaitEnd(socket);
        }
      }
    }
  }

  private static void connect(InetAddress address, int port, boolean first) throws IOException {
    Opened<Socket> client = Opened.here(new Socket(address, port));
    try (Socket socket = client.socket()) {
      client.log(first ? "client closing first" : "client closing last");
      socket.getOutputStream().write(1);
      if (socket.getInputStream().read() != 1) {
        throw new IOException("no answer");
      }
      if (!first) {
        awaitEnd(socket);
      }
    }
  }

  private static void awaitEnd(Socket socket) throws IOException {
    if (socket.getInputStream().read() != -1) {
      throw new IOException("more than was sent");
    }
  }
}
