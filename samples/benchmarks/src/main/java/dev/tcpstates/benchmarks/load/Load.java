// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;

/**
 * A JVM under measurement: makes connections, or holds them open, as its standard input says.
 *
 * <p>Arguments: {@code kind=blocking|selector|virtual|none}, {@code pairs=} of a client and a
 * server, {@code sites=} in the code that open the sockets.
 *
 * <p>Commands, a line each, and what is answered: {@code run N} connections, or {@code seconds N}:
 * {@code ran CONNECTIONS NANOSECONDS}. {@code listen}: {@code PORT} of a listener that accepts
 * nothing; {@code accept}: {@code PORT} of one that accepts all and keeps them; {@code connect HOST
 * PORT N}: {@code connected}. {@code heap}: {@code USED}, after a collection. {@code end} ends it.
 */
public final class Load {
  private Load() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new TreeMap<>();
    for (String argument : arguments) {
      String[] pair = argument.split("=");
      settings.put(pair[0], pair[1]);
    }
    Connections connections = connections(settings);
    HeldSockets held = new HeldSockets();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "run" -> run(connections, Budget.of(Long.parseLong(words[1])));
        case "seconds" -> run(connections, Budget.seconds(Long.parseLong(words[1])));
        case "listen" -> System.out.println(held.listen());
        case "accept" -> System.out.println(held.accept());
        case "connect" -> {
          held.connect(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
          System.out.println("connected");
        }
        case "heap" -> System.out.println(Heap.used());
        case "end" -> System.exit(0); // the servers' threads run on
        default -> throw new IOException("what is " + line);
      }
    }
    System.exit(1); // whoever started this has gone
  }

  private static Connections connections(Map<String, String> settings) throws Exception {
    int pairs = Integer.parseInt(settings.getOrDefault("pairs", "1"));
    int sites = Integer.parseInt(settings.getOrDefault("sites", "1"));
    return switch (settings.get("kind")) {
      case "none" -> null;
      case "blocking" -> new StreamConnections(Load::daemon, pairs, false, sites);
      case "selector" -> new SelectorConnections(pairs);
      case "virtual" -> new StreamConnections(virtualThreads(), pairs, true, sites);
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

  private static void run(Connections connections, Budget budget) throws Exception {
    long start = System.nanoTime();
    connections.run(budget);
    System.out.println("ran " + budget.taken() + " " + (System.nanoTime() - start));
  }
}
