// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server on a thread of its own that serves one connection after the other. */
final class LocalServer implements AutoCloseable {
  /** What it does with a connection. */
  interface Service {
    void serve(Socket socket) throws IOException;
  }

  private final ServerSocket listener;
  private final Service service;
  private final Thread thread;

  LocalServer(Service service) throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), service);
  }

  LocalServer(ServerSocket listener, Service service) {
    this.listener = listener;
    this.service = service;
    this.thread = new Thread(this::run, "local server");
    thread.setDaemon(true);
    thread.start();
  }

  /** Sends back what comes in. */
  static LocalServer echo() throws IOException {
    return new LocalServer(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
  }

  /** Answers each connection's one request. */
  static LocalServer http(String type, byte[] body) throws IOException {
    return new LocalServer(socket -> answer(socket, type, body));
  }

  private static void answer(Socket socket, String type, byte[] body) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int read = in.read();
      if (read < 0) {
        return;
      }
      head.append((char) read);
    }
    OutputStream out = socket.getOutputStream();
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    out.write(answer.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  private void run() {
    while (true) {
      try (Socket socket = listener.accept()) {
        service.serve(socket);
      } catch (IOException e) {
        if (listener.isClosed()) {
          return;
        }
      }
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/";
  }

  @Override
  public void close() throws IOException {
    listener.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
