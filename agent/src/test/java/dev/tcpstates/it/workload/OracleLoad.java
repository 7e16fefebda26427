// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * After a line on standard input, mixed connections, then many at once; after another line, some in
 * the middle of others; with both ends in this JVM. Prints the ports that identify the sockets of
 * the three loads ("mixed", "storm", "interrupting") and when it had them ("from" and "to", of
 * System.nanoTime()). Each of its sockets has one of these ports at one end and is closed at "to".
 * Ends after a third line.
 *
 * <p>Arguments: how many mixed connections of each kind, how many threads at once, how many
 * connections that interrupt.
 */
public final class OracleLoad {
  private static final int CLIENTS = 8;
  private static final int UNACCEPTED = 10;

  private OracleLoad() {}

  public static void main(String[] arguments) throws Exception {
    int each = Integer.parseInt(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    int interrupting = Integer.parseInt(arguments[2]);
    // The clients will have 127.0.0.1: so nobody can take one end for the other unnoticed.
    InetAddress v4 = InetAddress.getByName("127.0.0.2");
    InetAddress v6 = InetAddress.getByName("::1");
    System.out.println("ready");
    System.in.read();
    System.out.println("from " + System.nanoTime());
    // Bound, but not listening: whoever connects to it is refused.
    try (Socket nobody = new Socket()) {
      Ports.bind(v4, nobody::bind);
      try (BlockingServer server = new BlockingServer(v4);
          BlockingServer server6 = new BlockingServer(v6);
          ServerSocketChannel selecting = Selecting.listen(v4);
          ServerSocket deaf = new ServerSocket();
          BlockingServer storm = new BlockingServer(v4);
          ServerSocketChannel halfClosed = Selecting.listen(v4)) {
        Ports.bind(v4, deaf::bind);
        int selectingPort = ((InetSocketAddress) selecting.getLocalAddress()).getPort();
        System.out.printf(
            "mixed %d %d %d %d %d%n",
            nobody.getLocalPort(),
            server.port(),
            server6.port(),
            selectingPort,
            deaf.getLocalPort());
        System.out.printf("storm %d%n", storm.port());
        halfClosed.configureBlocking(true);
        List<InetSocketAddress> spinning = Interrupting.ports(v4);
        System.out.printf(
            "interrupting %d %d %d%n",
            halfClosed.socket().getLocalPort(),
            spinning.get(0).getPort(),
            spinning.get(1).getPort());

        List<Callable<Void>> connections = new ArrayList<>();
        for (int i = 0; i < each; i++) {
          for (Ending ending : Ending.values()) {
            connections.add(blocking(ending, v4, server.port()));
          }
          connections.add(
              blocking(Ending.values()[i % Ending.values().length], v6, server6.port()));
          connections.add(() -> refused(v4, nobody.getLocalPort()));
        }
        Collections.shuffle(connections, new Random(1));
        connections.add(
            connections.size() / 2,
            () -> {
              Selecting.run(selecting, new InetSocketAddress(v4, nobody.getLocalPort()), each);
              return null;
            });
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        for (Future<Void> connection : clients.invokeAll(connections)) {
          connection.get();
        }
        clients.shutdown();
        unaccepted(deaf);

        AtOnce.run(threads, v4, storm.port());
        System.out.println("halfway");
        System.in.read();
        Interrupting.run(halfClosed, spinning, interrupting);
      }
    }
    System.out.println("to " + System.nanoTime());
    System.in.read();
  }

  private static Callable<Void> blocking(Ending ending, InetAddress address, int port) {
    return () -> {
      ending.connect(address, port);
      return null;
    };
  }

  private static Void refused(InetAddress address, int port) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      throw new IllegalStateException("not refused: " + socket);
    } catch (ConnectException expected) {
      return null;
    }
  }

  /** The listener goes while its clients still wait to be accepted: the kernel resets them. */
  private static void unaccepted(ServerSocket deaf) throws IOException {
    List<Socket> waiting = new ArrayList<>();
    for (int i = 0; i < UNACCEPTED; i++) {
      waiting.add(new Socket(deaf.getInetAddress(), deaf.getLocalPort()));
    }
    deaf.close();
    for (Socket socket : waiting) {
      socket.close();
    }
  }
}
