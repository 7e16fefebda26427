// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;

/** How a connection ends. The client's first byte is the number of the ending. */
enum Ending {
  CLIENT_FIRST {
    @Override
    void client(Socket socket) {}

    @Override
    void server(Socket socket) throws IOException {
      drain(socket);
    }
  },
  SERVER_FIRST {
    @Override
    void client(Socket socket) throws IOException {
      drain(socket);
    }

    @Override
    void server(Socket socket) {}
  },
  HALF_CLOSED {
    @Override
    void client(Socket socket) throws IOException {
      socket.shutdownOutput();
      drain(socket);
    }

    @Override
    void server(Socket socket) throws IOException {
      drain(socket);
      socket.getOutputStream().write(1);
    }
  },
  RESET {
    @Override
    void client(Socket socket) throws IOException {
      socket.setSoLinger(true, 0);
    }

    @Override
    void server(Socket socket) throws IOException {
      drain(socket);
    }
  },
  UNREAD {
    @Override
    void client(Socket socket) throws IOException {
      InputStream in = socket.getInputStream();
      while (in.available() == 0) {
        LockSupport.parkNanos(100_000);
      }
    }

    @Override
    void server(Socket socket) throws IOException {
      socket.getOutputStream().write(1);
      drain(socket);
    }
  };

  /** What the client does before it closes. */
  abstract void client(Socket socket) throws IOException;

  /** What the server does before it closes. */
  abstract void server(Socket socket) throws IOException;

  /** A connection's whole life, on the client's side. */
  void connect(InetAddress address, int port) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      play(socket);
    }
  }

  /** What follows the connect, but for the close. */
  void play(Socket socket) throws IOException {
    socket.getOutputStream().write(ordinal());
    client(socket);
  }

  private static void drain(Socket socket) throws IOException {
    while (socket.getInputStream().read() >= 0) {
      // until the other side has closed
    }
  }
}
