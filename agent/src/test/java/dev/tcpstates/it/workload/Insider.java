// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

/**
 * The process under test between two {@link Outsider}s: one that somebody else started and one that
 * is its own child. It accepts from both, and connects to the first.
 *
 * <p>Arguments: how many connections each outsider makes to it, how many it makes. The first
 * outsider's port comes on standard input.
 */
public final class Insider {
  private Insider() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    int outwards = Integer.parseInt(args[1]);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, loopback)).log("listener");
    Process child = startChild(listener.localPort(), count);
    Thread acceptor =
        Threads.start("acceptor", () -> Outsider.accept(listener.socket(), 2 * count));
    int port = Integer.parseInt(new BufferedReader(new InputStreamReader(System.in)).readLine());
    for (int i = 0; i < outwards; i++) {
      Opened<Socket> client = Opened.here(new Socket(loopback, port));
      client.log("client closing first");
      Outsider.connect(client.socket());
    }
    Threads.join(acceptor);
    if (child.waitFor() != 0) {
      throw new IllegalStateException("exit code of the child: " + child.exitValue());
    }
    Kernel.awaitClosed(listener.localPort());
    Kernel.awaitClosed(port);
    listener.socket().close();
  }

  private static Process startChild(int port, int count) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java,
            "-cp",
            System.getProperty("java.class.path"),
            Outsider.class.getName(),
            Integer.toString(port),
            Integer.toString(count),
            "0")
        .inheritIO()
        .start();
  }
}
