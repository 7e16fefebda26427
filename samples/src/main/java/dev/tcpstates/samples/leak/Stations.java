// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.leak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The servers: each station answers one call with its text and closes the connection. */
final class Stations implements AutoCloseable {
  private final List<ServerSocket> listeners = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  Stations(String... answers) throws IOException {
    for (String answer : answers) {
      ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
      listeners.add(listener);
      Thread thread = new Thread(() -> answer(listener, answer + "\n"));
      threads.add(thread);
      thread.start();
    }
  }

  private static void answer(ServerSocket listener, String text) {
    try (Socket caller = listener.accept()) {
      caller.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      System.err.println("a station failed: " + e);
    }
  }

  List<Integer> ports() {
    return listeners.stream().map(ServerSocket::getLocalPort).toList();
  }

  /** Waits until all of them have answered. */
  void awaitHungUp() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket listener : listeners) {
      listener.close();
    }
  }
}
