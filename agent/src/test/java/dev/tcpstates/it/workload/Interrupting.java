// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Transitions in the middle of others. The kernel puts off the acknowledgement of a FIN for 40 ms,
 * if the other side does not close; then a timer interrupt sends it, and the closing side goes to
 * FIN_WAIT2 on top of whatever that processor is doing. Here it mostly opens and closes listeners,
 * which is the most transitions that one can have.
 */
final class Interrupting {
  private static final int LISTENERS = 2;
  private static final long PAUSE_NANOS = 300_000;
  private static final long DELAYED_ACK_MILLIS = 100;

  private Interrupting() {}

  /**
   * Makes so many connections.
   *
   * @param listener of the connections; nobody else's
   * @param spinning where listeners are opened and closed meanwhile
   */
  static void run(ServerSocketChannel listener, List<InetSocketAddress> spinning, int connections)
      throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(spinning.size());
    List<Future<?>> spins = new ArrayList<>();
    for (InetSocketAddress address : spinning) {
      spins.add(
          threads.submit(
              () -> {
                while (!done.get()) {
                  ServerSocketChannel.open().bind(address).close();
                }
                return null;
              }));
    }
    List<SocketChannel> open = new ArrayList<>();
    while (open.size() < 2 * connections) {
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      open.add(client);
      open.add(listener.accept());
      client.shutdownOutput();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    Thread.sleep(DELAYED_ACK_MILLIS);
    done.set(true);
    for (Future<?> spin : spins) {
      spin.get();
    }
    threads.shutdown();
    for (SocketChannel channel : open) {
      channel.close();
    }
  }

  /** Ports to open and close listeners at. */
  static List<InetSocketAddress> ports(InetAddress address) throws IOException {
    List<InetSocketAddress> ports = new ArrayList<>();
    for (int i = 0; i < LISTENERS; i++) {
      try (ServerSocket socket = new ServerSocket()) {
        Ports.bind(address, socket::bind);
        ports.add((InetSocketAddress) socket.getLocalSocketAddress());
      }
    }
    return ports;
  }
}
