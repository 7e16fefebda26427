// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;

/**
 * Connects to itself over several addresses and to known ports, in its own network, and prints each
 * socket {@code socket <name> <local address> <port> <remote address> <port>}. With a second
 * argument, two recordings with different filters overlap, so that each address has its own part.
 */
@SuppressWarnings("try") // the client is closed in the midst of things
public final class Filtered {
  private static final int[] PORTS = {7001, 7002};
  private static final int NOBODY = 9;
  private static final int CONNECTIONS = 5;

  private Filtered() {}

  public static void main(String[] args) throws Exception {
    List<String> addresses = List.of("127.0.0.1", args[0], "::1");
    if (args.length == 1) {
      for (String address : addresses) {
        connect(address);
      }
      return;
    }
    try (Recording one = recording(PORTS[0]);
        Recording other = recording(PORTS[1])) {
      one.start();
      connect(addresses.get(0));
      one.dump(Path.of("one.jfr"));
      other.start();
      connect(addresses.get(1));
      one.stop();
      one.dump(Path.of("both.jfr"));
      // What a recording that has ended wanted may still come for a moment.
      Thread.sleep(200);
      connect(addresses.get(2));
      other.stop();
      other.dump(Path.of("other.jfr"));
    }
  }

  private static Recording recording(int port) {
    Map<String, String> settings = new HashMap<>();
    for (String event : List.of("StateChange", "AgentState", "OpenSite", "RecordsLost")) {
      settings.put("tcpstates." + event + "#enabled", "true");
    }
    settings.put("tcpstates.AgentState#period", "everyChunk");
    settings.put("tcpstates.OpenSite#period", "everyChunk");
    settings.put("tcpstates.StateChange#localPorts", "" + port);
    Recording recording = new Recording();
    recording.setSettings(settings);
    return recording;
  }

  private static void connect(String text) throws Exception {
    InetAddress address = InetAddress.getByName(text);
    for (int port : PORTS) {
      try (ServerSocket listener = new ServerSocket()) {
        listener.bind(new InetSocketAddress(address, port));
        print("listener", text, port, "::", 0);
        for (int i = 0; i < CONNECTIONS; i++) {
          int clientPort = connection(listener);
          print("client", text, clientPort, text, port);
          print("server", text, port, text, clientPort);
        }
      }
    }
    try (Socket refused = new Socket()) {
      refused.bind(new InetSocketAddress(0)); // Java has no port of one that has failed
      int refusedPort = refused.getLocalPort();
      try {
        refused.connect(new InetSocketAddress(address, NOBODY));
        throw new IllegalStateException("somebody listens at " + NOBODY);
      } catch (ConnectException e) {
        print("refused", text, refusedPort, text, NOBODY);
      }
    }
  }

  /** The client, which is bound to nothing, closes first; returns its port. */
  private static int connection(ServerSocket listener) throws Exception {
    try (Socket client = new Socket()) {
      client.connect(listener.getLocalSocketAddress());
      int clientPort = client.getLocalPort();
      try (Socket accepted = listener.accept()) {
        client.close();
        accepted.getInputStream().read();
      }
      Kernel.awaitClosed(clientPort);
      return clientPort;
    }
  }

  private static void print(String name, String local, int localPort, String remote, int port) {
    System.out.println(
        "socket " + name + " " + local + " " + localPort + " " + remote + " " + port);
  }
}
