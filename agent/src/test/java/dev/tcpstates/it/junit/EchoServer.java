// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends back what it gets, and closes a connection when the client has. A thread for each. */
final class EchoServer implements AutoCloseable {
  private final ServerSocket listener;

  EchoServer() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  Socket connect() throws IOException {
    return new Socket(listener.getInetAddress(), port());
  }

  /** One request on a connection. */
  static void ask(Socket connection) throws IOException {
    connection.getOutputStream().write('?');
    if (connection.getInputStream().read() != '?') {
      throw new IOException("no echo");
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket accepted = listener.accept();
        start(() -> echo(accepted));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void echo(Socket accepted) {
    try (accepted) {
      for (int b = accepted.getInputStream().read(); b >= 0; b = accepted.getInputStream().read()) {
        accepted.getOutputStream().write(b);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "echo");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
