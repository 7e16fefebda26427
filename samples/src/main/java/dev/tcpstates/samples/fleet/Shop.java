// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks two replicas of a service, whose ports are in a file, for prices: over one connection to
 * each, or with {@code -DkeepAlive=false} over a new one each time. Runs until it is killed.
 */
public final class Shop {
  private static final int REQUESTS = 23_000;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1) / 1_500;

  private final boolean keepAlive = !"false".equals(System.getProperty("keepAlive"));
  private final Map<Integer, Socket> kept = new HashMap<>();

  private Shop() {}

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    while (!Files.exists(file)) {
      Thread.sleep(100);
    }
    String[] ports = Files.readString(file).split(" ");
    Shop shop = new Shop();
    long start = System.nanoTime();
    for (int request = 0; request < REQUESTS; request++) {
      shop.price(Integer.parseInt(ports[request % ports.length]));
      LockSupport.parkNanos(start + request * PAUSE_NANOS - System.nanoTime());
    }
    System.out.println(REQUESTS + " prices");
    Thread.sleep(Long.MAX_VALUE);
  }

  private int price(int port) throws IOException {
    if (keepAlive) {
      if (!kept.containsKey(port)) {
        kept.put(port, connect(port));
      }
      return ask(kept.get(port));
    }
    try (Socket socket = connect(port)) {
      return ask(socket);
    }
  }

  private static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private static int ask(Socket socket) throws IOException {
    socket.getOutputStream().write(1);
    return socket.getInputStream().read();
  }
}
