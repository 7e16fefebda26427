// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Opens many sockets, prints how much of the heap that took, and closes them. Arguments: the number
 * of sockets, and whether each connection is opened by a thread of its own.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
public final class ManyOpen {
  /** Each has some 28,000 ports for its clients. */
  private static final int ADDRESSES = 4;

  private ManyOpen() {}

  public static void main(String[] arguments) throws Exception {
    Socket[] sockets = new Socket[Integer.parseInt(arguments[0])];
    boolean threads = Boolean.parseBoolean(arguments[1]);
    ServerSocket[] servers = new ServerSocket[ADDRESSES];
    for (int i = 0; i < ADDRESSES; i++) {
      servers[i] = new ServerSocket(0, 50, InetAddress.getByName("127.0.0." + (i + 1)));
    }
    // What the first sockets bring with them is not what each costs.
    open(servers, sockets, 0, 100, threads);
    long before = Heap.used();
    open(servers, sockets, 100, sockets.length, threads);
    System.out.println("heap " + (Heap.used() - before));
    System.out.println("sockets " + (sockets.length - 100));
    for (Socket socket : sockets) {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  private static void open(
      ServerSocket[] servers, Socket[] sockets, int from, int to, boolean threads)
      throws Exception {
    for (int i = from; i < to; i += 2) {
      int at = i;
      ServerSocket server = servers[i / 2 % ADDRESSES];
      if (threads) {
        Thread thread = new Thread(() -> connection(server, sockets, at));
        thread.start();
        thread.join();
      } else {
        connection(server, sockets, at);
      }
    }
  }

  private static void connection(ServerSocket server, Socket[] sockets, int at) {
    try {
      sockets[at] = new Socket(server.getInetAddress(), server.getLocalPort());
      sockets[at + 1] = server.accept();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
