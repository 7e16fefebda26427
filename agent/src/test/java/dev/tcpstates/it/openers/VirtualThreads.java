// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Called by name: these tests are compiled for JDK 17 too. */
final class VirtualThreads {
  private VirtualThreads() {}

  static void run() throws Exception {
    if (Runtime.version().feature() < 21) {
      throw new Opener.Unavailable("JDK 21 and later");
    }
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      Class<?> type = Class.forName("java.lang.Thread$Builder");
      Object named = type.getMethod("name", String.class).invoke(builder, "virtual client");
      Thread client =
          (Thread)
              type.getMethod("start", Runnable.class)
                  .invoke(named, (Runnable) () -> connect(listener.getLocalPort()));
      Thread server =
          (Thread)
              Thread.class
                  .getMethod("startVirtualThread", Runnable.class)
                  .invoke(null, (Runnable) () -> accept(listener));
      client.join();
      server.join();
    }
  }

  private static void connect(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getInputStream().read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void accept(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      socket.getOutputStream().write('x');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
