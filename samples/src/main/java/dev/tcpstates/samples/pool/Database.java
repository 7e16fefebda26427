// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Answers each request at once. It has a thread per connection. */
final class Database implements AutoCloseable {
  private final ServerSocket listener;

  Database() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    start(this::accept);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listener.accept();
        start(() -> serve(connection));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void serve(Socket connection) {
    try (connection) {
      while (connection.getInputStream().read() >= 0) {
        connection.getOutputStream().write('!');
      }
    } catch (IOException e) {
      System.err.println("the database failed: " + e);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
