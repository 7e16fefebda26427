// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Threads that wait for sockets in each way of the JDK. Prints {@code waits <local port> <thread>}
 * for each, with a dash for a socket that no thread waits for, and {@code poller} for one that a
 * virtual thread reads; then {@code ready}. Ends with its standard input.
 */
public final class Waiting {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** More than the socket buffers take. */
  private static final int FLOOD = 100_000_000;

  private static final int NEVER_MILLIS = 100_000_000;
  private static final int SELECTED = 3;

  private interface Action {
    void run() throws Exception;
  }

  private final List<Object> kept = new ArrayList<>();
  private final ServerSocket server;

  private Waiting(ServerSocket server) {
    this.server = server;
  }

  public static void main(String[] args) throws Exception {
    Waiting waiting = new Waiting(new ServerSocket(0, 50, LOOPBACK));
    waiting.start();
    System.out.println("ready");
    while (System.in.read() >= 0) {
      // Until its end.
    }
    System.exit(0);
  }

  private void start() throws Exception {
    Socket reader = client();
    start("reader", reader.getLocalPort(), () -> read(reader));
    Socket timed = client();
    timed.setSoTimeout(NEVER_MILLIS);
    start("timed reader", timed.getLocalPort(), () -> read(timed));
    Socket writer = client();
    start("writer", writer.getLocalPort(), () -> writer.getOutputStream().write(new byte[FLOOD]));
    SocketChannel channel = channel();
    // A name may look like a thread dump.
    start(
        "\"channel\" #1 nid=0x1 -",
        channel.socket().getLocalPort(),
        () -> channel.read(ByteBuffer.allocate(1)));
    Selector selector = Selector.open();
    for (int i = 0; i < SELECTED; i++) {
      SocketChannel selected = channel();
      selected.configureBlocking(false);
      selected.register(selector, SelectionKey.OP_READ);
      waits(selected.socket().getLocalPort(), "selector");
    }
    SocketChannel notSelected = channel();
    notSelected.configureBlocking(false);
    notSelected.register(selector, 0);
    waits(notSelected.socket().getLocalPort(), "-");
    thread("selector", selector::select);
    waits(client().getLocalPort(), "-");
    if (Runtime.version().feature() >= 21) {
      Socket virtual = client();
      Thread.class
          .getMethod("startVirtualThread", Runnable.class)
          .invoke(null, (Runnable) () -> quietly(() -> read(virtual)));
      waits(virtual.getLocalPort(), "poller");
    }
    // Last, for it takes each connection from now on.
    start("acceptor", server.getLocalPort(), server::accept);
  }

  private static void read(Socket socket) throws IOException {
    socket.getInputStream().read();
  }

  private Socket client() throws IOException {
    Socket client = new Socket(LOOPBACK, server.getLocalPort());
    kept.add(client);
    kept.add(server.accept());
    return client;
  }

  private SocketChannel channel() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(LOOPBACK, 0));
      SocketChannel channel = SocketChannel.open(listener.getLocalAddress());
      kept.add(channel);
      kept.add(listener.accept());
      return channel;
    }
  }

  private static void start(String name, int port, Action action) {
    waits(port, name);
    thread(name, action);
  }

  private static void waits(int port, String thread) {
    System.out.println("waits " + port + " " + thread);
  }

  private static void thread(String name, Action action) {
    new Thread(() -> quietly(action), name).start();
  }

  private static void quietly(Action action) {
    try {
      action.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
