// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.lang.ref.Reference;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections that a full listener doesn't answer: one that the kernel gives up, one that the
 * application does. Those that fill the listener are never accepted, and reset when it closes.
 */
public final class ConnectTimeouts {
  private ConnectTimeouts() {}

  public static void main(String[] args) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 1, loopback)).log("listener");
    int port = listener.localPort();
    List<Socket> filling = new ArrayList<>(); // the collector would close them
    for (int i = 0; i < 2; i++) { // Linux takes one more than the backlog
      Opened<Socket> client = Opened.here(new Socket(loopback, port)).log("client reset");
      filling.add(client.socket());
      listener.log("server never accepted", client.localPort());
    }
    Thread kernel = Threads.start("kernel", () -> letTheKernelGiveUp(port));
    giveUp(port);
    Threads.join(kernel);
    listener.socket().close();
    Kernel.awaitClosed(port);
    Reference.reachabilityFence(filling);
  }

  private static void letTheKernelGiveUp(int port) throws IOException {
    Opened<SocketChannel> client = bound(port, "timed out");
    try (SocketChannel channel = client.socket()) {
      channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      throw new IOException("the listener is not full");
    } catch (ConnectException e) {
      // as it should be
    }
  }

  private static void giveUp(int port) throws IOException {
    Opened<SocketChannel> client = bound(port, "given up");
    try (SocketChannel channel = client.socket()) {
      channel.socket().connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 300);
      throw new IOException("the listener is not full");
    } catch (SocketTimeoutException e) {
      // as it should be
    }
  }

  /** A connecting socket whose port is known before it is connected. */
  private static Opened<SocketChannel> bound(int port, String role) throws IOException {
    Opened<SocketChannel> client = Opened.here(SocketChannel.open());
    client.socket().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return client.log(role, port);
  }
}
