// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Mixed traffic for so many seconds (the argument): short connections that end in every way, some
 * that are refused, and some that stay and move bytes now and then. Says what is reachable on the
 * heap ten times in between. Those that stay are open at the end, until a line comes in.
 */
public final class Soak {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int CLIENTS = 3;

  /** About 200 connections a second: the ports of a minute of TIME_WAIT are there. */
  private static final long PAUSE_NANOS = 12_000_000;

  private static final int STAYING = 5;
  private static final int SAMPLES = 10;
  private static final AtomicLong CONNECTIONS = new AtomicLong();
  private static volatile boolean over;

  private Soak() {}

  @SuppressWarnings("try") // one of a pair is closed half
  public static void main(String[] arguments) throws Exception {
    long nanos = TimeUnit.SECONDS.toNanos(Integer.parseInt(arguments[0]));
    long start = System.nanoTime();
    List<Socket> staying = new ArrayList<>();
    ServerSocket home = new ServerSocket(0, 50, LOOPBACK);
    try (BlockingServer server = new BlockingServer(LOOPBACK)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        threads.add(Threads.start("client-" + i, () -> connect(server.port())));
      }
      for (int i = 0; i < STAYING; i++) {
        Socket client = new Socket(LOOPBACK, home.getLocalPort());
        Socket accepted = home.accept();
        staying.add(client);
        staying.add(accepted);
        threads.add(Threads.start("staying-" + i, () -> talk(client, accepted)));
      }
      for (int i = 1; i <= SAMPLES; i++) {
        long left = start + nanos * i / SAMPLES - System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(left);
        System.out.println("heap " + Heap.used());
      }
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
    staying.get(0).shutdownOutput();
    System.out.println("connections " + CONNECTIONS);
    System.out.println("quiet " + (1 + staying.size()));
    System.in.read();
    for (Socket socket : staying) {
      socket.close();
    }
    home.close();
  }

  private static void connect(int port) throws IOException {
    Ending[] endings = Ending.values();
    while (!over) {
      int kind = ThreadLocalRandom.current().nextInt(endings.length + 1);
      if (kind < endings.length) {
        endings[kind].connect(LOOPBACK, port);
      } else {
        refused();
      }
      CONNECTIONS.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private static void refused() throws IOException {
    try (Socket nobody = new Socket()) {
      Ports.bind(LOOPBACK, nobody::bind); // and does not listen
      new Socket(LOOPBACK, nobody.getLocalPort()).close();
      throw new IllegalStateException("somebody listens");
    } catch (ConnectException e) {
      // as it should be
    }
  }

  private static void talk(Socket client, Socket accepted) throws IOException {
    byte[] bytes = new byte[10_000];
    while (!over) {
      int length = ThreadLocalRandom.current().nextInt(1, bytes.length);
      client.getOutputStream().write(bytes, 0, length);
      accepted.getInputStream().readNBytes(bytes, 0, length);
      accepted.getOutputStream().write(1);
      client.getInputStream().read();
      LockSupport.parkNanos(20_000_000);
    }
  }
}
