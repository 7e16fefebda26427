// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.pool;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Connections to a database, opened in advance. A thread that finds none waits for one. */
final class Pool implements AutoCloseable {
  private final BlockingQueue<Socket> idle;

  Pool(InetSocketAddress database, int size) throws IOException {
    idle = new ArrayBlockingQueue<>(size);
    for (int i = 0; i < size; i++) {
      idle.add(new Socket(database.getAddress(), database.getPort()));
    }
  }

  Socket take() throws InterruptedException {
    return idle.take();
  }

  void giveBack(Socket connection) {
    idle.add(connection);
  }

  /** Call this when all connections are back. */
  @Override
  public void close() throws IOException {
    for (Socket connection : idle) {
      connection.close();
    }
  }
}
