// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.net.ExtendedSocketOptions;

/**
 * Does with sockets what its standard input says, one command a line, and answers each with {@code
 * done <number of the command> <nanoTime before> <nanoTime after> <result>}. Ends with its input.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
public final class TimedShell {
  private static final int PIECE = 10_000;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;

  private static final Map<String, Closeable> SOCKETS = new ConcurrentHashMap<>();

  /** Below those that Linux gives to sockets that ask for none (ip_local_port_range). */
  private static final int FIRST_PORT = 15_000;

  private static final int PORTS = 17_000;

  /** JVMs that run at once begin far from each other. */
  private static int nextPort = FIRST_PORT + new Random().nextInt(PORTS);

  private TimedShell() {}

  public static void main(String[] arguments) throws Exception {
    Thread.currentThread().setName("thread " + Thread.currentThread().getId());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready");
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      long before = System.nanoTime();
      Object result;
      try {
        result = run(words);
      } catch (IOException e) {
        result = e.getClass().getSimpleName();
      }
      long after = System.nanoTime();
      System.out.println("done " + ++number + " " + before + " " + after + " " + result);
    }
  }

  private static Object run(String... words) throws Exception {
    return switch (words[0]) {
      case "listen" -> listen(words[1], words[2], Integer.parseInt(words[3]));
      case "bind" -> bind(words[1]);
      case "create" -> create(words[1]);
      case "share" -> share(words[1], Integer.parseInt(words[2]));
      case "connect" -> connect(words[1], words[2], words[3], words.length > 4 ? words[4] : "0");
      case "knock" -> knock(words[1], words[2], Integer.parseInt(words[3]));
      case "finish" -> finish(words[1]);
      case "accept" -> accept(words[1], words[2]);
      case "send" -> send(words[1], Integer.parseInt(words[2]));
      case "flood" -> flood(words[1], Integer.parseInt(words[2]));
      case "receive" -> receive(words[1], Integer.parseInt(words[2]));
      case "transfer" -> transfer(words[1], words[2], Integer.parseInt(words[3]));
      case "available" -> available(words[1], Integer.parseInt(words[2]));
      case "keepalive" -> keepAlive(words[1]);
      case "usertimeout" -> userTimeout(words[1], Integer.parseInt(words[2]));
      case "half" -> half(words[1]);
      case "eof" -> socket(words[1]).getInputStream().read();
      case "reset" -> reset(words[1]);
      case "close" -> close(words[1]);
      case "ended" -> ended(Integer.parseInt(words[1]));
      case "sleep" -> sleep(Integer.parseInt(words[1]));
      case "dump" -> dump(words[1]);
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  /** Writes what is recorded so far, here and now: a jcmd takes its time to start. */
  private static String dump(String file) throws IOException {
    try (Recording soFar = FlightRecorder.getFlightRecorder().takeSnapshot()) {
      soFar.dump(Path.of(file));
    }
    return "dumped";
  }

  private static Socket socket(String name) {
    return (Socket) SOCKETS.get(name);
  }

  /** Returns the port. */
  private static int listen(String name, String address, int backlog) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(address, 0), backlog);
    SOCKETS.put(name, server);
    return server.getLocalPort();
  }

  /**
   * Opens a client; returns its port, which is known even if it is never connected. Tests find a
   * connection by its ports, and the kernel soon reuses one whose connection was reset: no client
   * gets the port of an earlier one, nor one that the kernel gives to others.
   */
  private static int bind(String name) throws IOException {
    while (true) {
      int port = FIRST_PORT + (nextPort++ - FIRST_PORT) % PORTS;
      Socket socket = new Socket();
      try {
        socket.bind(new InetSocketAddress(port));
      } catch (BindException e) {
        socket.close(); // another JVM's
        continue;
      }
      SOCKETS.put(name, socket);
      return port;
    }
  }

  /** Opens a client that chooses its port when it connects. */
  private static String create(String name) {
    SOCKETS.put(name, new Socket());
    return "created";
  }

  /** Opens a client at a port that others may have too, if they have other remote addresses. */
  private static String share(String name, int port) throws IOException {
    Socket socket = new Socket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(port));
    SOCKETS.put(name, socket);
    return "bound";
  }

  private static String connect(String name, String address, String port, String timeout)
      throws IOException {
    socket(name)
        .connect(new InetSocketAddress(address, Integer.parseInt(port)), Integer.parseInt(timeout));
    return "connected";
  }

  /** Connects, and waits for nothing. */
  private static boolean knock(String name, String address, int port) throws IOException {
    SocketChannel channel = SocketChannel.open();
    SOCKETS.put(name, channel);
    channel.configureBlocking(false);
    return channel.connect(new InetSocketAddress(address, port));
  }

  /** Asks how the connect has ended. */
  private static boolean finish(String name) throws IOException {
    return ((SocketChannel) SOCKETS.get(name)).finishConnect();
  }

  /** Returns the client's port. */
  private static int accept(String name, String listener) throws IOException {
    Socket socket = ((ServerSocket) SOCKETS.get(listener)).accept();
    SOCKETS.put(name, socket);
    return socket.getPort();
  }

  private static String send(String name, int bytes) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int sent = 0; sent < bytes; sent += PIECE) {
      socket(name).getOutputStream().write(piece, 0, Math.min(PIECE, bytes - sent));
    }
    return "sent";
  }

  /** Sends in a thread of its own, until all is sent or the connection is reset. */
  private static String flood(String name, int bytes) {
    new Thread(
            () -> {
              try {
                send(name, bytes);
              } catch (IOException e) {
                // the reset
              }
            })
        .start();
    return "started";
  }

  /** Returns how many bytes it got before the end, so many at most. */
  private static int receive(String name, int bytes) throws IOException {
    byte[] piece = new byte[PIECE];
    int received = 0;
    while (received < bytes) {
      int got = socket(name).getInputStream().read(piece, 0, Math.min(PIECE, bytes - received));
      if (got < 0) {
        break;
      }
      received += got;
    }
    return received;
  }

  /** Sends from one socket to another; returns how many bytes came. */
  private static int transfer(String from, String to, int bytes) throws Exception {
    Thread sender = Threads.start("sender", () -> send(from, bytes));
    int received = receive(to, bytes);
    sender.join();
    return received;
  }

  /** Waits until so many bytes wait to be read, and leaves them there. */
  private static int available(String name, int bytes) throws IOException {
    while (socket(name).getInputStream().available() < bytes) {
      LockSupport.parkNanos(1_000_000);
    }
    return socket(name).getInputStream().available();
  }

  /** Gives up a silent connection after two seconds. */
  private static String keepAlive(String name) throws IOException {
    Socket socket = socket(name);
    socket.setKeepAlive(true);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 1);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 1);
    return "set";
  }

  /** Sets TCP_USER_TIMEOUT, which Java has no name for; needs java.net and sun.nio.ch opened. */
  private static String userTimeout(String name, int millis) throws Exception {
    Method impl = Socket.class.getDeclaredMethod("getImpl");
    impl.setAccessible(true);
    Method descriptor = SocketImpl.class.getDeclaredMethod("getFileDescriptor");
    descriptor.setAccessible(true);
    Method set =
        Class.forName("sun.nio.ch.Net")
            .getDeclaredMethod(
                "setIntOption0",
                FileDescriptor.class,
                boolean.class,
                int.class,
                int.class,
                int.class,
                boolean.class);
    set.setAccessible(true);
    Object fd = descriptor.invoke(impl.invoke(socket(name)));
    set.invoke(null, fd, false, IPPROTO_TCP, TCP_USER_TIMEOUT, millis, false);
    return "set";
  }

  /** Sends the end, and stays open for reading. */
  private static String half(String name) throws IOException {
    socket(name).shutdownOutput();
    return "half";
  }

  private static String reset(String name) throws IOException {
    socket(name).setSoLinger(true, 0);
    return close(name);
  }

  private static String close(String name) throws IOException {
    SOCKETS.remove(name).close();
    return "closed";
  }

  /** Waits until no connection from or to a port is left. */
  private static String ended(int port) throws Exception {
    Kernel.awaitClosed(port);
    return "ended";
  }

  private static String sleep(int millis) throws InterruptedException {
    Thread.sleep(millis);
    return "slept";
  }
}
