// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;

/**
 * A JVM under measurement: makes connections, or holds them open, as its standard input demands.
 *
 * <p>Arguments: {@code kind=blocking|selector|virtual|none}, {@code pairs=} of a client and a
 * server, {@code sites=} call sites that open the sockets, {@code open=} ms that a connection stays
 * open.
 *
 * <p>Commands, one per line, and the answers: {@code run N} connections, or {@code seconds N}:
 * {@code ran CONNECTIONS NANOSECONDS}. {@code listen}: {@code PORT} of a listener that accepts
 * nothing; {@code accept}: {@code PORT} of one that accepts all and keeps them; {@code connect HOST
 * PORT N}: {@code connected}. {@code heap}: {@code USED}, after a collection. {@code end} ends it.
 */
public final class Load {
  private static final int LONG_BACKLOG = 65_535;
  private static final int MOST_COLLECTIONS = 20;
  private static final int PAUSE_MILLIS = 100;
  private static final int NOISE_BYTES = 4_096;

  /** What stays open until this JVM ends. */
  private static final List<AutoCloseable> HELD = new ArrayList<>();

  private Load() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new TreeMap<>(Map.of("pairs", "1", "sites", "1", "open", "0"));
    for (String argument : arguments) {
      String[] pair = argument.split("=");
      settings.put(pair[0], pair[1]);
    }
    Connections connections = connections(settings);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      long start = System.nanoTime();
      switch (words[0]) {
        case "run" -> ran(connections.run(Long.parseLong(words[1]), Long.MAX_VALUE), start);
        case "seconds" -> {
          long end = start + Long.parseLong(words[1]) * 1_000_000_000;
          ran(connections.run(Long.MAX_VALUE, end), start);
        }
        case "listen" -> System.out.println(listen());
        case "accept" -> System.out.println(accept());
        case "connect" -> {
          InetAddress host = InetAddress.getByName(words[1]);
          for (int i = 0; i < Integer.parseInt(words[3]); i++) {
            HELD.add(new Socket(host, Integer.parseInt(words[2])));
          }
          System.out.println("connected");
        }
        case "heap" -> System.out.println(heap());
        case "end" -> System.exit(0); // the servers' threads run on
        default -> throw new IOException("unknown command " + line);
      }
    }
    System.exit(1); // the process that started this one has ended
  }

  private static Connections connections(Map<String, String> settings) throws Exception {
    int pairs = Integer.parseInt(settings.get("pairs"));
    int sites = Integer.parseInt(settings.get("sites"));
    int open = Integer.parseInt(settings.get("open"));
    return switch (settings.get("kind")) {
      case "none" -> null;
      case "blocking" -> new StreamConnections(Load::daemon, pairs, false, sites, open);
      case "selector" -> new SelectorConnections(Load::daemon, pairs);
      case "virtual" -> new StreamConnections(virtualThreads(), pairs, true, sites, open);
      default -> throw new IllegalArgumentException("kind=" + settings.get("kind"));
    };
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  /** By reflection: this is compiled for a JDK that has none. */
  private static ThreadFactory virtualThreads() throws ReflectiveOperationException {
    Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
    return (ThreadFactory)
        Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
  }

  private static void ran(long connections, long start) {
    System.out.println("ran " + connections + " " + (System.nanoTime() - start));
  }

  /**
   * Accepts nothing, so a connection to it takes no descriptor of this JVM. On all addresses, each
   * of which has 28,000 ports for its clients.
   */
  private static int listen() throws IOException {
    ServerSocket server = new ServerSocket(0, LONG_BACKLOG);
    HELD.add(server);
    return server.getLocalPort();
  }

  private static int accept() throws IOException {
    ServerSocket server = new ServerSocket(0, LONG_BACKLOG, InetAddress.getByName("127.0.0.1"));
    List<Socket> accepted = new ArrayList<>();
    daemon(
            () -> {
              try {
                while (true) {
                  accepted.add(server.accept());
                }
              } catch (IOException e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(2);
              }
            })
        .start();
    return server.getLocalPort();
  }

  /** Bytes of the reachable objects: collects until that gives nothing back any more. */
  private static long heap() throws InterruptedException {
    long before = Long.MAX_VALUE;
    long used = collect();
    for (int i = 1; i < MOST_COLLECTIONS && before - used > NOISE_BYTES; i++) {
      before = used;
      used = collect();
    }
    return used;
  }

  private static long collect() throws InterruptedException {
    System.gc();
    Thread.sleep(PAUSE_MILLIS); // for the work that reference queues cause
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
