// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc.workload;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A program with one of each trouble, on loopback: it leaks, is refused, opens a connection per
 * question, resets, and accepts too late. How often, the constants say.
 */
public final class Shop {
  public static final int LEAKED = 4;
  public static final int REFUSED = 12;
  public static final int SHORT = 40;
  public static final int RESET = 3;

  /** A backlog of 1 lets two connections wait; of the rest, the kernel drops the first SYN. */
  public static final int QUEUED = 2;

  public static final int SLOW = 2;

  /** Less than the second after which a dropped SYN is sent again. */
  public static final int ACCEPTED_AFTER_MILLIS = 700;

  /** The client's last ACK, which fills the queue, is handled after {@code connect} returns. */
  private static final int QUEUE_FILLS_IN_MILLIS = 100;

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** Kept, as a program that forgets to close them would not, so that no collector closes them. */
  private final List<Socket> kept = new ArrayList<>();

  private Shop() {}

  /**
   * Runs all of it.
   *
   * @param args for how many milliseconds to keep what has leaked
   */
  public static void main(String[] args) throws Exception {
    Shop shop = new Shop();
    shop.stock();
    shop.pay();
    shop.prices();
    shop.orders();
    shop.checkout();
    Thread.sleep(Long.parseLong(args[0]));
    System.out.println("sockets kept: " + shop.kept.size());
  }

  /** The remote side closes, and this one does not. */
  private void stock() throws Exception {
    try (Stand stand = new Stand(50)) {
      stand.open();
      for (int i = 0; i < LEAKED; i++) {
        Socket leaked = new Socket(LOOPBACK, stand.port()); // leaks
        kept.add(leaked);
        leaked.getInputStream().read();
        Thread.sleep(150);
      }
    }
  }

  /** Nobody listens. */
  private void pay() throws Exception {
    int port;
    try (ServerSocket unused = new ServerSocket(0, 1, LOOPBACK)) {
      port = unused.getLocalPort();
    }
    for (int i = 0; i < REFUSED; i++) {
      try {
        new Socket(LOOPBACK, port).close(); // is refused
        throw new IllegalStateException("somebody listens on port " + port);
      } catch (ConnectException e) {
        Thread.sleep(20);
      }
    }
  }

  /** A connection for each question. */
  private void prices() throws Exception {
    try (Stand stand = new Stand(50)) {
      stand.open();
      for (int i = 0; i < SHORT; i++) {
        try (Socket once = new Socket(LOOPBACK, stand.port())) { // churns
          once.getInputStream().read();
        }
        Thread.sleep(20);
      }
    }
  }

  /** The accepting side closes with data unread, so that the kernel resets. */
  private void orders() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, LOOPBACK)) {
      for (int i = 0; i < RESET; i++) {
        Socket client = new Socket(LOOPBACK, listener.getLocalPort()); // is reset
        Socket served = listener.accept(); // resets
        client.getOutputStream().write(1);
        awaitUnread(served);
        served.close();
        client.close();
      }
    }
  }

  private static void awaitUnread(Socket socket) throws Exception {
    while (socket.getInputStream().available() == 0) {
      Thread.sleep(1);
    }
  }

  /** More connections than the queue holds, and no accept for a while. */
  private void checkout() throws Exception {
    List<Thread> customers = new ArrayList<>();
    CountDownLatch connected = new CountDownLatch(QUEUED);
    try (Stand stand = new Stand(1)) {
      for (int i = 0; i < QUEUED + SLOW; i++) {
        if (i == QUEUED) {
          // The kernel drops a SYN only if the queue is full when the SYN arrives.
          connected.await();
          Thread.sleep(QUEUE_FILLS_IN_MILLIS);
        }
        Thread customer = new Thread(() -> buy(stand.port(), connected), "customer-" + i);
        customer.start();
        customers.add(customer);
      }
      Thread.sleep(ACCEPTED_AFTER_MILLIS);
      stand.open();
      for (Thread customer : customers) {
        customer.join();
      }
    }
  }

  private static void buy(int port, CountDownLatch connected) {
    try (Socket socket = new Socket(LOOPBACK, port)) { // waits
      connected.countDown();
      socket.getInputStream().read();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
