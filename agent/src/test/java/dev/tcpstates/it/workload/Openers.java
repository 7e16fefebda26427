// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Sockets of every class, opened in threads with telling names. Each connection is made before it
 * is accepted, and accepted before it is closed. One is left half closed, and open.
 */
public final class Openers {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress(LOOPBACK, 0);
  private static final int CONNECTIONS = 5;

  /** The garbage collector would close them. */
  private static final List<Opened<?>> LEAKED = new ArrayList<>();

  private Openers() {}

  public static void main(String[] args) throws Exception {
    Threads.join(Threads.start("sockets", Openers::sockets));
    Threads.join(Threads.start("late sockets", Openers::lateSockets));
    Threads.join(Threads.start("channels", Openers::channels));
    Threads.join(Threads.start("asynchronous channels", Openers::asynchronousChannels));
    Threads.join(Threads.start("leak", Openers::leak));
  }

  private static void sockets() throws Exception {
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, LOOPBACK)).log("listener");
    for (int i = 0; i < CONNECTIONS; i++) {
      // On two lines of one method: these sites differ in nothing but the line.
      Opened<Socket> client =
          i % 2 == 0
              ? Opened.here(new Socket(LOOPBACK, listener.localPort()))
              : Opened.here(new Socket(LOOPBACK, listener.localPort()));
      client.log("client closing first");
      Threads.join(Threads.start("acceptor-" + i, () -> accept(listener, client.socket())));
    }
    Kernel.awaitClosed(listener.localPort());
    listener.socket().close();
  }

  private static void accept(Opened<ServerSocket> listener, Socket client) throws IOException {
    Opened<Socket> accepted = Opened.here(listener.socket().accept());
    accepted.log("server closing last");
    client.close();
    accepted.socket().getInputStream().read();
    accepted.socket().close();
  }

  /** A {@code Socket} is nothing to the kernel before it is bound or connected. */
  private static void lateSockets() throws Exception {
    Opened<ServerSocketChannel> listener = Opened.here(ServerSocketChannel.open());
    listener.socket().bind(ANY_PORT);
    listener.log("listener");
    for (int i = 0; i < CONNECTIONS; i++) {
      Socket socket = new Socket();
      Opened<Socket> client = Opened.here(connect(socket, listener.localPort()));
      client.log("late client closing last");
      Opened<Socket> accepted = Opened.here(listener.socket().socket().accept());
      accepted.log("server closing first");
      accepted.socket().close();
      client.socket().getInputStream().read();
      client.socket().close();
    }
    Kernel.awaitClosed(listener.localPort());
    listener.socket().close();
  }

  private static Socket connect(Socket socket, int port) throws IOException {
    socket.connect(new InetSocketAddress(LOOPBACK, port));
    return socket;
  }

  private static void channels() throws Exception {
    Opened<ServerSocketChannel> listener = Opened.here(ServerSocketChannel.open());
    listener.socket().bind(ANY_PORT);
    listener.log("listener");
    for (int i = 0; i < CONNECTIONS; i++) {
      Opened<SocketChannel> client = Opened.here(SocketChannel.open());
      client.socket().connect(listener.socket().getLocalAddress());
      client.log("client closing last");
      Opened<SocketChannel> accepted = Opened.here(listener.socket().accept());
      accepted.log("server closing first");
      accepted.socket().close();
      client.socket().read(ByteBuffer.allocate(1));
      client.socket().close();
    }
    Kernel.awaitClosed(listener.localPort());
    listener.socket().close();
  }

  private static void asynchronousChannels() throws Exception {
    Opened<AsynchronousServerSocketChannel> listener =
        Opened.here(AsynchronousServerSocketChannel.open());
    listener.socket().bind(ANY_PORT);
    listener.log("listener");
    for (int i = 0; i < CONNECTIONS; i++) {
      Opened<AsynchronousSocketChannel> client = Opened.here(AsynchronousSocketChannel.open());
      client.socket().connect(listener.socket().getLocalAddress()).get();
      client.log("client closing last");
      Opened<AsynchronousSocketChannel> accepted = Opened.here(listener.socket().accept().get());
      accepted.log("server closing first");
      accepted.socket().close();
      client.socket().read(ByteBuffer.allocate(1)).get();
      client.socket().close();
    }
    Kernel.awaitClosed(listener.localPort());
    listener.socket().close();
  }

  private static void leak() throws Exception {
    Opened<ServerSocket> listener = Opened.here(new ServerSocket(0, 50, LOOPBACK));
    Opened<Socket> client = Opened.here(new Socket(LOOPBACK, listener.localPort()));
    Opened<Socket> accepted = Opened.here(listener.socket().accept());
    listener.log("leaked listener");
    client.log("leaked client");
    accepted.log("leaked server");
    LEAKED.addAll(List.of(listener, client, accepted));
    client.socket().shutdownOutput();
    Kernel.awaitFinWait2(client.localPort(), listener.localPort());
  }
}
