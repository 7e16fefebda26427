// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings sockets into states that last, as its standard input says, one command a line, and answers
 * each with {@code done <number of the command> <result>}. Ends with its input.
 */
@SuppressWarnings("try") // sockets are left open, which is the point
public final class Sampled {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** All that must not be closed yet. */
  private static final List<Object> KEPT = new ArrayList<>();

  private static final List<Socket> CLIENTS = new ArrayList<>();
  private static final List<Socket> ACCEPTED = new ArrayList<>();
  private static ServerSocket server;

  private Sampled() {}

  public static void main(String[] arguments) throws Exception {
    server = new ServerSocket(0, 50, LOOPBACK);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready " + server.getLocalPort());
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      int argument = words.length > 1 ? Integer.parseInt(words[1]) : 0;
      System.out.println("done " + ++number + " " + run(words[0], argument));
    }
  }

  private static Object run(String command, int argument) throws Exception {
    return switch (command) {
      case "leak" -> leak(argument);
      case "connections" -> connections(argument);
      case "unaccepted" -> unaccepted(argument);
      case "share" -> share(argument);
      case "send" -> send(argument);
      case "close" -> close();
      case "churn" -> churn(argument);
      default -> throw new IllegalArgumentException(command);
    };
  }

  /** So many in CLOSE_WAIT, and as many in FIN_WAIT2; returns the line and the ports. */
  private static String leak(int count) throws IOException {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int line = line() + 1;
      Socket client = new Socket(LOOPBACK, server.getLocalPort());
      KEPT.add(client);
      server.accept().close();
      result.append(i == 0 ? line + " " : ";").append(client.getLocalPort());
    }
    return result.toString();
  }

  private static int line() {
    return new Throwable().getStackTrace()[1].getLineNumber();
  }

  /** Returns the clients' ports. */
  private static String connections(int count) throws IOException {
    List<String> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket client = new Socket(LOOPBACK, server.getLocalPort());
      CLIENTS.add(client);
      ACCEPTED.add(server.accept());
      ports.add("" + client.getLocalPort());
    }
    return String.join(";", ports);
  }

  private static String unaccepted(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      KEPT.add(new Socket(LOOPBACK, server.getLocalPort()));
    }
    return "";
  }

  /** Listens at a port where others do, or will; returns the port. */
  private static int share(int port) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    listener.bind(new InetSocketAddress(LOOPBACK, port));
    KEPT.add(listener);
    return listener.socket().getLocalPort();
  }

  /** Has each client send so many bytes, which are read. */
  private static String send(int bytes) throws IOException {
    for (int i = 0; i < CLIENTS.size(); i++) {
      CLIENTS.get(i).getOutputStream().write(new byte[bytes]);
      ACCEPTED.get(i).getInputStream().readNBytes(bytes);
    }
    return "";
  }

  /** Has the clients close first. */
  private static String close() throws IOException {
    for (int i = 0; i < CLIENTS.size(); i++) {
      CLIENTS.get(i).close();
      ACCEPTED.get(i).getInputStream().read();
      ACCEPTED.get(i).close();
    }
    CLIENTS.clear();
    ACCEPTED.clear();
    return "";
  }

  /** Opens and closes so many connections, one after the other, without TIME_WAIT. */
  private static String churn(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      try (Socket client = new Socket(LOOPBACK, server.getLocalPort());
          Socket accepted = server.accept()) {
        accepted.setSoLinger(true, 0);
        accepted.close();
        client.setSoLinger(true, 0);
      }
    }
    return "";
  }
}
