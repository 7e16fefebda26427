// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import jdk.jfr.FlightRecorder;

/**
 * Does what the lines of standard input say, and answers each with "done": {@code open} makes a
 * connection, {@code close} ends the oldest, {@code dump FILE} has JFR's first recording written.
 * {@code exit} ends the process at once, with all that is still open.
 */
public final class OnCommand {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private record Connection(Socket client, Socket accepted) {}

  private final Deque<Connection> connections = new ArrayDeque<>();
  private final ServerSocket server;

  private OnCommand(ServerSocket server) {
    this.server = server;
  }

  public static void main(String[] args) throws Exception {
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, LOOPBACK)).log("listener");
    OnCommand workload = new OnCommand(listener.socket());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "open" -> workload.open();
        case "close" -> workload.close();
        case "dump" ->
            FlightRecorder.getFlightRecorder().getRecordings().get(0).dump(Path.of(words[1]));
        case "exit" -> System.exit(0);
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done " + line);
    }
  }

  private void open() throws IOException {
    Opened<Socket> client = Opened.here(new Socket(LOOPBACK, server.getLocalPort()));
    Opened<Socket> accepted = Opened.here(server.accept());
    client.log("client closing first");
    accepted.log("server closing last");
    connections.add(new Connection(client.socket(), accepted.socket()));
  }

  private void close() throws Exception {
    Connection oldest = connections.remove();
    int clientPort = oldest.client.getLocalPort();
    oldest.client.close();
    oldest.accepted.getInputStream().read();
    oldest.accepted.close();
    Kernel.awaitClosed(clientPort);
  }
}
