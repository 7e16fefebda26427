// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Serves on a listener that it was started with as descriptor 0, or that it opens. Standard input
 * is taken then, so it reads commands, one a line, from the port that it prints: {@code serve}
 * accepts a connection and reads it to its end, {@code drain} does so with all that wait.
 */
public final class Sharer {
  private Sharer() {}

  public static void main(String[] arguments) throws Exception {
    ServerSocketChannel server;
    if (arguments.length > 0) {
      server = ServerSocketChannel.open();
      if (arguments[0].equals("reuseport")) {
        server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      System.out.println("port " + server.socket().getLocalPort());
    } else {
      server = (ServerSocketChannel) System.inheritedChannel();
    }
    try (ServerSocket control = new ServerSocket(0)) {
      System.out.println("control " + control.getLocalPort());
      try (Socket commands = control.accept()) {
        BufferedReader in = new BufferedReader(new InputStreamReader(commands.getInputStream()));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (line.equals("serve")) {
            read(server.accept());
          } else {
            server.configureBlocking(false);
            for (SocketChannel next = server.accept(); next != null; next = server.accept()) {
              next.configureBlocking(true);
              read(next);
            }
          }
          commands.getOutputStream().write('\n');
        }
      }
    }
  }

  private static void read(SocketChannel accepted) throws IOException {
    try (accepted) {
      while (accepted.read(ByteBuffer.allocate(1)) != -1) {
        // goes on
      }
    }
  }
}
