// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples.metrics;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * A program with one fault, which the argument names, or with none. It waits for a byte on standard
 * input before it opens a socket, and runs until standard input ends.
 */
final class Workload {
  /** So many sockets in TIME_WAIT are more than the alert accepts. */
  private static final int BURST = 21_500;

  /** Of the requests of {@code healthy}, one of this many is slow. */
  static final int SLOW_ONE_OF = 20;

  static final Duration QUICK = Duration.ofMillis(10);
  static final Duration SLOW = Duration.ofMillis(300);

  /** The bounds of the buckets of {@code http_server_requests_seconds}. */
  private static final double[] BOUNDS = {0.005, 0.05, 0.1, 0.2, 0.5, 1};

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final List<Socket> kept = new ArrayList<>();

  private Workload() {}

  public static void main(String[] arguments) throws Exception {
    Workload workload = new Workload();
    if (System.in.read() < 0) {
      return;
    }
    String fault = arguments[0];
    start(
        () -> {
          switch (fault) {
            case "leak" -> workload.leak();
            case "churn" -> churn();
            case "flood" -> flood();
            case "slow" -> slow();
            case "refused" -> refused();
            case "detached", "healthy" -> healthy();
            default -> throw new IllegalArgumentException(fault);
          }
        });
    while (System.in.read() >= 0) {
      // until the test ends it
    }
    System.exit(0);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception e) {
                e.printStackTrace();
                System.exit(1);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  /** Accepts connections and closes each after the other side has, or at once. */
  private static ServerSocket server(boolean atOnce) throws IOException {
    ServerSocket server = new ServerSocket(0, 1_000, LOOPBACK);
    start(
        () -> {
          while (true) {
            try (Socket accepted = server.accept()) {
              if (!atOnce) {
                accepted.getInputStream().read();
              }
            }
          }
        });
    return server;
  }

  /** The remote side closes, and this one does not. */
  private void leak() throws Exception {
    ServerSocket server = server(true);
    while (true) {
      kept.add(new Socket(LOOPBACK, server.getLocalPort()));
      Thread.sleep(200);
    }
  }

  /** A connection per request, which this side closes. */
  private static void churn() throws Exception {
    // Several servers, because Linux has 28232 local ports per remote address and port.
    for (int i = 0; i < 3; i++) {
      start(
          () -> {
            ServerSocket server = server(false);
            for (int connection = 0; ; connection++) {
              new Socket(LOOPBACK, server.getLocalPort()).close();
              if (connection >= BURST / 3) {
                Thread.sleep(5);
              }
            }
          });
    }
  }

  /** More transitions at a time than a small ring holds. */
  private static void flood() throws Exception {
    for (int i = 0; i < 4; i++) {
      start(
          () -> {
            ServerSocket server = server(false);
            while (true) {
              for (int connection = 0; connection < 100; connection++) {
                new Socket(LOOPBACK, server.getLocalPort()).close();
              }
              Thread.sleep(2_000);
            }
          });
    }
  }

  /** Does not accept: the queue of one connection overflows. */
  private static void slow() throws Exception {
    ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
    for (int i = 0; i < 6; i++) {
      start(
          () -> {
            while (true) {
              try (Socket socket = new Socket()) {
                // Longer than the first retransmit of a SYN takes, 1 s.
                socket.connect(new InetSocketAddress(LOOPBACK, server.getLocalPort()), 2_500);
                socket.getInputStream().read();
              } catch (IOException e) {
                // as expected
              }
            }
          });
    }
  }

  private static void refused() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, LOOPBACK)) {
      port = closed.getLocalPort();
    }
    while (true) {
      try {
        new Socket(LOOPBACK, port).close();
      } catch (IOException e) {
        // as expected
      }
      Thread.sleep(100);
    }
  }

  /** An HTTP service with its own metric, and a client with one connection. */
  private static void healthy() throws Exception {
    AtomicLongArray buckets = new AtomicLongArray(BOUNDS.length + 1);
    DoubleAdder total = new DoubleAdder();
    HttpServer server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 50);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.createContext(
        "/price",
        exchange -> {
          long start = System.nanoTime();
          boolean slow = exchange.getRequestURI().getQuery() != null;
          sleep(slow ? SLOW : QUICK);
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
          double seconds = (System.nanoTime() - start) / 1e9;
          int bucket = 0;
          while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
            bucket++;
          }
          buckets.incrementAndGet(bucket);
          total.add(seconds);
        });
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] text = metrics(buckets, total.sum()).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, text.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(text);
          }
        });
    server.start();
    int port = server.getAddress().getPort();
    System.out.println("port " + port);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int i = 0; ; i++) {
      String query = i % SLOW_ONE_OF == 0 ? "?slow" : "";
      URI uri = URI.create("http://127.0.0.1:" + port + "/price" + query);
      client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
      Thread.sleep(20);
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** As Micrometer names it. */
  private static String metrics(AtomicLongArray buckets, double seconds) {
    StringBuilder text = new StringBuilder("# TYPE http_server_requests_seconds histogram\n");
    long sum = 0;
    for (int i = 0; i <= BOUNDS.length; i++) {
      sum += buckets.get(i);
      String bound = i < BOUNDS.length ? String.valueOf(BOUNDS[i]) : "+Inf";
      text.append(
          String.format(
              Locale.ROOT, "http_server_requests_seconds_bucket{le=\"%s\"} %d%n", bound, sum));
    }
    text.append("http_server_requests_seconds_sum ").append(seconds).append('\n');
    return text.append("http_server_requests_seconds_count ").append(sum).append('\n').toString();
  }
}
