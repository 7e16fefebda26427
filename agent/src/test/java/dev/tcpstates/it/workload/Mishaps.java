// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Opens connections that come to different ends, each kind so many times and in its own line. */
public final class Mishaps {
  public static final int REQUESTS = 12;
  public static final int LEAKED = 3;
  public static final int POOLED = 2;
  public static final int REFUSED = 4;
  public static final int RESET = 5;

  /** How often it connects, or tries to. */
  public static final int CONNECTED = REQUESTS + LEAKED + POOLED + REFUSED + RESET;

  /** Nothing gets closed by the garbage collector. */
  private static final List<Socket> KEPT = new ArrayList<>();

  private final ServerSocket server;
  private final int refusedPort;

  private Mishaps() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    try (ServerSocket closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      refusedPort = closed.getLocalPort();
    }
  }

  public static void main(String[] arguments) throws IOException {
    Mishaps mishaps = new Mishaps();
    for (int i = 0; i < REQUESTS; i++) {
      mishaps.request();
    }
    for (int i = 0; i < LEAKED; i++) {
      mishaps.leak();
    }
    for (int i = 0; i < POOLED; i++) {
      mishaps.pool();
    }
    for (int i = 0; i < REFUSED; i++) {
      mishaps.refused();
    }
    for (int i = 0; i < RESET; i++) {
      mishaps.reset();
    }
    System.out.println(KEPT.size());
  }

  private Socket connect() throws IOException {
    return new Socket(server.getInetAddress(), server.getLocalPort());
  }

  private Socket accept() throws IOException {
    return server.accept();
  }

  private void request() throws IOException {
    try (Socket client = connect()) {
      Socket accepted = accept();
      client.getOutputStream().write(new byte[100]);
      client.shutdownOutput();
      accepted.getInputStream().readAllBytes();
      accepted.close();
      client.getInputStream().read();
    }
  }

  private void leak() throws IOException {
    Socket client = connect();
    KEPT.add(client);
    accept().close();
    client.getInputStream().read();
  }

  private void pool() throws IOException {
    KEPT.add(connect());
    KEPT.add(accept());
  }

  private void refused() {
    try {
      new Socket(server.getInetAddress(), refusedPort).close();
      throw new IllegalStateException("somebody listens on port " + refusedPort);
    } catch (IOException e) {
      // As it should.
    }
  }

  private void reset() throws IOException {
    Socket client = connect();
    try (Socket accepted = accept()) {
      client.setSoLinger(true, 0);
      client.close();
      accepted.getInputStream().read();
    } catch (IOException e) {
      // Connection reset.
    }
  }
}
