// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers each request. It stands for two replicas, and writes their ports to a file. Runs until it
 * is killed.
 */
public final class PriceService {
  private PriceService() {}

  public static void main(String[] arguments) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket one = new ServerSocket(0, 1_000, loopback);
        ServerSocket two = new ServerSocket(0, 1_000, loopback)) {
      // A reader must not find a part of it.
      Path written = Path.of(arguments[0] + ".new");
      Files.writeString(written, one.getLocalPort() + " " + two.getLocalPort());
      Files.move(written, Path.of(arguments[0]));
      ExecutorService threads = Executors.newCachedThreadPool();
      threads.execute(() -> serve(one, threads));
      serve(two, threads);
    }
  }

  private static void serve(ServerSocket server, ExecutorService threads) {
    try {
      while (true) {
        Socket client = server.accept();
        threads.execute(() -> answer(client));
      }
    } catch (IOException e) {
      System.err.println("the service ends: " + e);
    }
  }

  private static void answer(Socket client) {
    try (client) {
      while (client.getInputStream().read() >= 0) {
        client.getOutputStream().write(42);
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }
}
