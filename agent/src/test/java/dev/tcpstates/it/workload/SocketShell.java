// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import jdk.jfr.Recording;

/**
 * Opens, uses and closes sockets as its standard input says, one command a line, and answers each
 * with {@code done <number of the command> <result>}. Ends with its input.
 */
@SuppressWarnings("try") // sockets are closed in the midst of things, which is the point
public final class SocketShell {
  private static final Map<String, Closeable> SOCKETS = new ConcurrentHashMap<>();

  private static final Map<String, Thread> THREADS = new HashMap<>();
  private static final AtomicInteger CONNECTIONS = new AtomicInteger();
  private static volatile boolean unloading;

  private SocketShell() {}

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready");
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println("done " + ++number + " " + run(line.split(" ")));
    }
  }

  private static Object run(String... words) throws Exception {
    return switch (words[0]) {
      case "pid" -> ProcessHandle.current().pid();
      case "listen" -> listen(words[1]);
      case "connect" -> connect(words[1], Integer.parseInt(words[2]));
      case "create" -> create(words[1]);
      case "use" -> use(words[1], Integer.parseInt(words[2]));
      case "accept" -> accept(words[1], words[2]);
      case "take" -> take(words[1]);
      case "await" -> await(words[1], words[2]);
      case "join" -> join(words[1]);
      case "load" -> load(Integer.parseInt(words[1]));
      case "more" -> more(Integer.parseInt(words[1]));
      case "unload" -> unload();
      case "close" -> close(words[1]);
      case "half" -> half(words[1]);
      case "eof" -> eof(words[1]);
      case "reset" -> reset(words[1]);
      case "record" -> record();
      case "fork" -> fork(List.of(words).subList(1, words.length));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }

  /** Returns the listener's port. */
  private static int listen(String name) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    SOCKETS.put(name, server);
    return server.getLocalPort();
  }

  /** Returns the client's port. */
  private static int connect(String name, int port) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    SOCKETS.put(name, socket);
    return socket.getLocalPort();
  }

  /** A socket that is not used yet. */
  private static String create(String name) throws IOException {
    SOCKETS.put(name, SocketChannel.open());
    return "";
  }

  /** Connects a socket that was created before; returns the client's port. */
  private static int use(String name, int port) throws IOException {
    SocketChannel channel = (SocketChannel) SOCKETS.get(name);
    channel.connect(new InetSocketAddress("127.0.0.1", port));
    return channel.socket().getLocalPort();
  }

  /** Returns the client's port. */
  private static int accept(String name, String listener) throws IOException {
    Socket socket = ((ServerSocket) SOCKETS.get(listener)).accept();
    SOCKETS.put(name, socket);
    return socket.getPort();
  }

  /** Accepts and closes at once; returns the client's port. */
  private static int take(String listener) throws IOException {
    try (Socket socket = ((ServerSocket) SOCKETS.get(listener)).accept()) {
      return socket.getPort();
    }
  }

  /** Accepts in a thread with the socket's name, and returns when that thread waits. */
  private static String await(String name, String listener) {
    Thread thread = new Thread(() -> acceptQuietly(name, listener), name);
    thread.start();
    THREADS.put(name, thread);
    while (thread.isAlive() && !isInKernel(thread)) {
      LockSupport.parkNanos(1_000_000);
    }
    return "";
  }

  private static boolean isInKernel(Thread thread) {
    return Stream.of(thread.getStackTrace())
        .anyMatch(f -> f.getClassName().equals("sun.nio.ch.Net"));
  }

  private static void acceptQuietly(String name, String listener) {
    try {
      accept(name, listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String join(String thread) throws InterruptedException {
    THREADS.remove(thread).join();
    return "";
  }

  /** Connects, accepts and closes in so many threads, until {@link #unload}. */
  private static String load(int threads) {
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(SocketShell::connections, "load " + i);
      thread.start();
      THREADS.put(thread.getName(), thread);
    }
    return "";
  }

  private static void connections() {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      while (!unloading) {
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        try (client;
            Socket accepted = server.accept()) {
          client.close();
          accepted.getInputStream().read();
        }
        CONNECTIONS.incrementAndGet();
        LockSupport.parkNanos(100_000);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a recording, in a virtual thread if this JDK has them. */
  private static String record() throws Exception {
    Recording recording = new Recording();
    recording.enable("tcpstates.StateChange");
    if (Runtime.version().feature() < 21) {
      recording.start();
    } else {
      Threads.join(Threads.startVirtual("recorder", recording::start));
    }
    return recording.getName();
  }

  /** Waits until the load has made so many more connections. */
  private static String more(int connections) {
    int enough = CONNECTIONS.get() + connections;
    while (CONNECTIONS.get() < enough) {
      LockSupport.parkNanos(1_000_000);
    }
    return "";
  }

  /** Returns the number of connections. */
  private static int unload() throws InterruptedException {
    unloading = true;
    for (Thread thread : THREADS.values()) {
      thread.join();
    }
    return CONNECTIONS.get();
  }

  private static String close(String name) throws IOException {
    SOCKETS.remove(name).close();
    return "";
  }

  /** Sends the end, and stays open for reading. */
  private static String half(String name) throws IOException {
    ((Socket) SOCKETS.get(name)).shutdownOutput();
    return "";
  }

  /** Waits for the peer's end. */
  private static int eof(String name) throws IOException {
    return ((Socket) SOCKETS.get(name)).getInputStream().read();
  }

  private static String reset(String name) throws IOException {
    ((Socket) SOCKETS.get(name)).setSoLinger(true, 0);
    return close(name);
  }

  /** Returns the exit code. */
  private static int fork(List<String> command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
