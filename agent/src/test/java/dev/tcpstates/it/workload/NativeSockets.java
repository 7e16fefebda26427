// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.FileDescriptor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * Sockets that are opened past the JDK's socket classes, as native libraries do it: here with the
 * JDK's own native methods, which takes {@code --add-opens=java.base/sun.nio.ch=ALL-UNNAMED}. One
 * connects to a listener of Java's, one listens and is connected to from Java.
 */
public final class NativeSockets {
  /** Held, for a collection would close it. */
  private static volatile Opened<Socket> leaked;

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int SHUT_WR = 1;

  private NativeSockets() {}

  public static void main(String[] args) throws Exception {
    connect();
    listen();
  }

  private static void connect() throws Exception {
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, LOOPBACK)).log("listener");
    FileDescriptor client = socket();
    call("connect", client, LOOPBACK, listener.localPort());
    Opened.logUnknown("native client closing first", port(client), listener.localPort());
    Opened<Socket> accepted = Opened.here(listener.socket().accept()).log("server closing last");
    call("shutdown", client, SHUT_WR);
    accepted.socket().getInputStream().read();
    accepted.socket().close();
    Kernel.awaitClosed(listener.localPort());
    listener.socket().close();
  }

  private static void listen() throws Exception {
    FileDescriptor listener = socket();
    call("bind", listener, LOOPBACK, 0);
    call("listen", listener, 50);
    Opened.logUnknown("native leaked listener", port(listener), 0);
    Opened<Socket> client = Opened.here(new Socket(LOOPBACK, port(listener)));
    leaked = client;
    client.log("leaked connected client");
    Opened.logUnknown("native leaked server", port(listener), client.localPort());
  }

  private static FileDescriptor socket() throws Exception {
    Object fd = call("socket0", true, true, false, false);
    return (FileDescriptor)
        Class.forName("sun.nio.ch.IOUtil").getMethod("newFD", int.class).invoke(null, fd);
  }

  private static int port(FileDescriptor fd) throws Exception {
    return ((InetSocketAddress) call("localAddress", fd)).getPort();
  }

  private static Object call(String name, Object... arguments) throws Exception {
    for (Method method : Class.forName("sun.nio.ch.Net").getDeclaredMethods()) {
      if (method.getName().equals(name)
          && method.getParameterCount() == arguments.length
          && method.getParameterTypes()[0] != ProtocolFamily.class) {
        method.setAccessible(true);
        return method.invoke(null, arguments);
      }
    }
    throw new NoSuchMethodException(name);
  }
}
