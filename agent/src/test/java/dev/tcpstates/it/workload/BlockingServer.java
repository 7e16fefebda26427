// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Ends each connection as its client asks for. */
final class BlockingServer implements AutoCloseable {
  private static final Ending[] ENDINGS = Ending.values();
  private static final int BACKLOG = 1024;
  private static final int HANDLERS = 8;

  private final InetAddress address;
  private final ServerSocket listener;
  private final ExecutorService handlers = Executors.newFixedThreadPool(HANDLERS);
  private final Thread acceptor = new Thread(this::accept, "acceptor");
  private volatile int lastClient;

  BlockingServer(InetAddress address) throws IOException {
    this.address = address;
    listener = new ServerSocket();
    Ports.bind(address, local -> listener.bind(local, BACKLOG));
    acceptor.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        if (socket.getPort() == lastClient) {
          socket.close();
          return;
        }
        handlers.execute(() -> serve(socket));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      int ending = socket.getInputStream().read();
      if (ending >= 0) {
        ENDINGS[ending].server(socket);
      }
    } catch (IOException e) {
      // reset by its client
    }
  }

  /** Serves what is connected, then closes the listener. */
  @Override
  public void close() throws IOException {
    try (Socket last = new Socket()) {
      // Behind all others in the queue: when it is accepted, so are they.
      last.bind(new InetSocketAddress(address, 0));
      lastClient = last.getLocalPort();
      last.connect(listener.getLocalSocketAddress());
      acceptor.join();
      handlers.shutdown();
      if (!handlers.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("connections are still open");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      listener.close();
    }
  }
}
