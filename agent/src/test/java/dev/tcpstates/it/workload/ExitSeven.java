// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Uses sockets of several kinds, prints to both streams and ends with exit code 7. */
public final class ExitSeven {
  /** Two listeners, three connections with both their ends, and one refused. */
  public static final int SOCKETS = 2 + 3 * 2 + 1;

  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private ExitSeven() {}

  public static void main(String[] args) throws IOException {
    System.out.println("the application's words: \u00e4\u00f6\u00fc \u20ac");
    System.err.println("the application's complaint");
    try (ServerSocket listener = new ServerSocket(0, 5, HERE)) {
      System.out.println("echoed " + blocking(listener) + " and " + blocking(listener));
    }
    System.out.println("echoed " + channels());
    refused();
    System.err.print("no line feed at the end");
    System.exit(7);
  }

  private static int blocking(ServerSocket listener) throws IOException {
    try (Socket client = new Socket(HERE, listener.getLocalPort());
        Socket accepted = listener.accept()) {
      client.getOutputStream().write(42);
      return accepted.getInputStream().read();
    }
  }

  private static int channels() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(HERE, 0));
      try (SocketChannel client = SocketChannel.open(listener.getLocalAddress());
          SocketChannel accepted = listener.accept()) {
        client.write(ByteBuffer.wrap(new byte[] {43}));
        ByteBuffer buffer = ByteBuffer.allocate(1);
        accepted.read(buffer);
        return buffer.get(0);
      }
    }
  }

  private static void refused() throws IOException {
    try (Socket client = new Socket()) {
      client.connect(new InetSocketAddress(HERE, 1));
    } catch (ConnectException e) {
      e.printStackTrace();
    }
  }
}
