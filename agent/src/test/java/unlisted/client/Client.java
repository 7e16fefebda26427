// SPDX-License-Identifier: Apache-2.0
package unlisted.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A library that no list of names has. */
public final class Client {
  private Client() {}

  public static void connect(ServerSocket server) {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
      client.getOutputStream().write(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Accepts one connection, in a thread of its own. */
  public static Thread accepting(ServerSocket server) {
    return started(() -> accept(server));
  }

  /** Connects in a thread of its own. */
  public static Thread connecting(ServerSocket server) {
    return started(() -> connect(server));
  }

  private static Thread started(Runnable work) {
    Thread thread = new Thread(work, "library");
    thread.start();
    return thread;
  }

  private static void accept(ServerSocket server) {
    try {
      server.accept().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
