// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens sockets at many places in the code, which differ in the depth of the stack: some for the
 * whole time, others all the time in two threads, until its standard input says {@code end}.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
public final class ManySites {
  public static final int SITES = 20;

  private static volatile boolean ending;

  private ManySites() {}

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    List<Socket> lasting = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try (ServerSocket server = listen()) {
      for (int depth = 0; depth < SITES; depth++) {
        lasting.add(connect(server, depth));
        lasting.add(accept(server, depth));
      }
      for (int i = 0; i < 2; i++) {
        Thread thread = new Thread(ManySites::load);
        thread.start();
        threads.add(thread);
      }
      System.out.println("ready");
      in.readLine();
      ending = true;
      for (Thread thread : threads) {
        thread.join();
      }
      for (Socket socket : lasting) {
        socket.close();
      }
    }
    System.out.println("ended");
    in.readLine();
  }

  private static void load() {
    try (ServerSocket server = listen()) {
      for (int depth = SITES; !ending; depth = SITES + (depth + 1) % SITES) {
        try (Socket client = connect(server, depth);
            Socket accepted = accept(server, depth)) {
          client.close();
          accepted.getInputStream().read();
        }
        LockSupport.parkNanos(300_000);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
  }

  private static Socket connect(ServerSocket server, int depth) throws IOException {
    return depth == 0
        ? new Socket(server.getInetAddress(), server.getLocalPort())
        : connect(server, depth - 1);
  }

  private static Socket accept(ServerSocket server, int depth) throws IOException {
    return depth == 0 ? server.accept() : accept(server, depth - 1);
  }
}
