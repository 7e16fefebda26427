// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import java.io.IOException;

/** Both sides of a connection that a {@link TimedShellJvm} has made with itself on loopback. */
record Pair(
    String client,
    String server,
    int clientPort,
    int serverPort,
    TimedShellJvm.Done connect,
    TimedShellJvm.Done accept) {

  /** Connects and accepts; the names are the given one with {@code C} and {@code S} before it. */
  static Pair connected(TimedShellJvm shell, String name, String listener, int serverPort)
      throws IOException, InterruptedException {
    String client = "C" + name;
    String server = "S" + name;
    int clientPort = shell.number("bind " + client);
    TimedShellJvm.Done connect = shell.run("connect " + client + " 127.0.0.1 " + serverPort);
    TimedShellJvm.Done accept = shell.run("accept " + server + " " + listener);
    if (accept.number() != clientPort) {
      throw new AssertionError("accepted " + accept + " instead of " + clientPort);
    }
    return new Pair(client, server, clientPort, serverPort, connect, accept);
  }
}
